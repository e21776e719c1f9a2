import type { ModelFiles } from "@rigbook/core"
import { outlineModel } from "@rigbook/core/models"
import { closestKey, type NamedConfig, NoWorkspace, type Workspace } from "@rigbook/records"
import { Effect, FileSystem } from "effect"
import { basename, join, resolve } from "node:path"
import { usageFailure } from "../Failure.ts"
import { configNames, readConfigs } from "./OpenWorkspace.ts"

/** A model that no config names. */
export interface NamedModel {
  readonly name: string
  readonly files: ModelFiles
}

/** What is to be planned: configs, and models. */
export interface PlanTargets {
  readonly configs: ReadonlyArray<NamedConfig>
  readonly models: ReadonlyArray<NamedModel>
}

/** `owner/name` on a hub, with the path of a GGUF file behind it where it is one. */
export const HUB = /^([A-Za-z0-9][\w.-]*\/[A-Za-z0-9][\w.-]*)(?:\/(.+\.gguf))?$/

/** What the names on the command line mean: a config of the workspace, a file or folder, a model on a hub. All configs where there is none. */
export const planTargets = Effect.fn("PlanTargets.planTargets")(function* (
  workspace: Workspace | undefined,
  names: ReadonlyArray<string>,
) {
  if (names.length === 0) {
    if (workspace === undefined) return yield* new NoWorkspace({ from: process.cwd() })
    return { configs: yield* readConfigs(workspace, []), models: [] } satisfies PlanTargets
  }
  const fs = yield* FileSystem.FileSystem
  const known = workspace === undefined ? [] : yield* configNames(workspace)
  const named: Array<string> = []
  const models: Array<NamedModel> = []
  for (const name of names) {
    if (workspace !== undefined && (known.includes(name) || /\.ya?ml$/.test(name))) named.push(name)
    else if (/\.ya?ml$/.test(name)) return yield* new NoWorkspace({ from: process.cwd() })
    else if (yield* fs.exists(name)) models.push(yield* modelAt(name))
    else models.push(yield* onHub(name, known))
  }
  const configs = workspace === undefined || named.length === 0 ? [] : yield* readConfigs(workspace, named)
  return { configs, models } satisfies PlanTargets
})

/** The model in a file or folder. */
export const modelAt = Effect.fn("PlanTargets.modelAt")(function* (path: string) {
  return { name: basename(resolve(path)), files: yield* filesAt(resolve(path)) } satisfies NamedModel
})

/** Of a folder that holds nothing but GGUF files of one model, the first of them. */
const filesAt = Effect.fnUntraced(function* (path: string) {
  const fs = yield* FileSystem.FileSystem
  if ((yield* fs.stat(path)).type !== "Directory") return { path, headersOnly: true } satisfies ModelFiles
  const names = yield* fs.readDirectory(path)
  const ggufs = names.filter((name) => name.endsWith(".gguf") && !/-(?!00001)\d{5}-of-\d{5}\.gguf$/.test(name))
  if (ggufs.length === 0 || names.some((name) => name.endsWith(".safetensors")))
    return { path, headersOnly: true } satisfies ModelFiles
  if (ggufs.length > 1)
    return yield* usageFailure(`${path} holds several models; name one: ${ggufs.toSorted().join(", ")}`)
  return { path: join(path, ggufs[0]!), headersOnly: true } satisfies ModelFiles
})

const onHub = Effect.fnUntraced(function* (name: string, known: ReadonlyArray<string>) {
  const [, hub, file] = HUB.exec(name) ?? []
  if (hub === undefined || hub.endsWith(".gguf")) {
    const near = closestKey(name, known)
    const hint = near === undefined ? "" : `; did you mean the config "${near}"?`
    return yield* usageFailure(
      `There is no file, folder or config "${name}", nor is it a name on a hub: owner/name${hint}`,
    )
  }
  const source = { hub, ...(file === undefined ? {} : { file }) }
  return { name: basename(name), files: yield* outlineModel(name, source, process.cwd()) } satisfies NamedModel
})
