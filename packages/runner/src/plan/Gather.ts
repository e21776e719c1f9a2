import { type Backends, type Host, ModelConfig, type ModelFiles, rungsOf } from "@rigbook/core"
import { outlineModel } from "@rigbook/core/models"
import { type ConfigFile, decodeAt, type NamedConfig, type Workspace } from "@rigbook/records"
import { Effect, FileSystem, Result } from "effect"
import { dirname, join } from "node:path"
import { chooseBackends } from "./ChooseBackends.ts"
import type { Facts, Problems } from "./Facts.ts"
import { gatherEngine } from "./GatherEngine.ts"
import { byContext } from "./IfItFits.ts"
import { namedSource } from "./NamedSource.ts"
import { checkPlacements } from "./PlanPlacement.ts"
import { readPromptSets } from "./ReadPromptSets.ts"

/** What is needed to gather facts, beside the config's path. */
export interface GatherInput<R> extends Pick<Facts<R>, "reach" | "overheads" | "records" | "rates" | "nodes"> {
  readonly workspace: Workspace
  readonly backends: Backends<R>
  readonly host: Host
}

/**
 * Reads everything that determines a config's plan: prompts and traces, engines, models. The only part of planning that
 * reads the machine. A problem does not end it, so that all are reported at once.
 */
export const gatherFacts = Effect.fn("Gather.gatherFacts")(function* <R>(
  { file, id, path }: NamedConfig,
  input: GatherInput<R>,
) {
  const { backends, host, nodes, overheads, rates, reach, records, workspace } = input
  const found: Problems = { issues: [...file.syntax], missing: [] }
  // The lists of problems are shared: they grow with what is read below.
  const learned = { overheads, records, rates, speeds: new Map() }
  const facts = { reach, id, path, file, ...learned, ...found, ...(nodes === undefined ? {} : { nodes }) }
  const none: Facts<R> = { ...facts, prompts: new Map(), engines: [] }
  if (file.syntax.length > 0) return none
  const decoded = decodeAt(file, [], ModelConfig, file.value)
  if (Result.isFailure(decoded)) found.issues.push(...decoded.failure)
  // Backends and devices are checked even if the rest is invalid.
  const chosen = yield* chooseBackends(file, backends, host, workspace.config.backends, found)
  checkPlacements(file, chosen, found.issues)
  if (Result.isFailure(decoded)) return none
  const config = decoded.success
  const cells = cellsOf(config)
  if (cells > MOST_CELLS) {
    found.issues.push(
      file.issue(["scenarios"], `${cells} scenarios, rungs and placements; a config has at most ${MOST_CELLS}`),
    )
    return none
  }
  const prompts = yield* readPromptSets(file, config, workspace, found)
  const folder = join(workspace.root, dirname(path))
  const files = yield* fetchFiles(file, config, folder, found)
  const engines = yield* Effect.forEach(chosen, (one) =>
    gatherEngine({ reach, file, config, files, folder, found }, one),
  )
  const known = engines.filter((engine) => engine !== undefined)
  return { ...facts, config, prompts, engines: known.flatMap((engine) => byContext(engine, config)) } satisfies Facts<R>
})

/** Each is planned, and takes minutes to measure. */
const MOST_CELLS = 1024

/** How many cells a config has in each of its backends. */
const cellsOf = ({ placement, scenarios }: ModelConfig): number =>
  scenarios.reduce((sum, ladder) => sum + rungsOf(ladder).length, 0) * [placement].flat().length

/** What the model's facts are read from; `undefined` if they are unavailable, which is then among `missing`. */
const fetchFiles = Effect.fnUntraced(function* (
  file: ConfigFile,
  { name, source }: ModelConfig,
  folder: string,
  { missing }: Problems,
) {
  if ("served" in source) return undefined
  const fs = yield* FileSystem.FileSystem
  const fetched: Result.Result<ModelFiles, Error> = yield* Effect.result(outlineModel(name, source, folder))
  if (Result.isFailure(fetched)) {
    missing.push(file.issue(["source"], fetched.failure.message))
    return undefined
  }
  if (yield* Effect.orElseSucceed(fs.exists(fetched.success.path), () => false)) return fetched.success
  const { at, named } = namedSource(source)
  missing.push(file.issue([...at, "path" in named ? "path" : "file"], `no model file ${fetched.success.path}`))
  return undefined
})
