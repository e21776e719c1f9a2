import { FILE_LIMITS, readTextIfAny, textSha256, WORKSPACE_FILE } from "@rigbook/core"
import {
  originWorkspace,
  readAllRecords,
  type Taken,
  takeRecords,
  type Workspace,
  workspaceAt,
  writeAtomically,
} from "@rigbook/records"
import { Effect, FileSystem } from "effect"
import { join, relative } from "node:path"
import { EXIT, usageFailure } from "../Failure.ts"
import { count } from "../output/Count.ts"
import { print, printAside, printJson } from "../output/Print.ts"
import { installedMetrics, workspaceHere } from "../Plugins.ts"
import { type Source, sourceOf } from "../sharing/Source.ts"
import { updateRegistry } from "./Registry.ts"
import { updateReports } from "./WriteReport.ts"

/** What `rigbook pull` was called with. */
export interface PullInput {
  readonly sources: ReadonlyArray<string>
  readonly name: string | undefined
  readonly json: boolean
}

/**
 * Takes the records of other registries, each verified first, and renders the registry of all. Where there is no
 * workspace, one is made that shows nothing else. Exit code 1 if a record was refused.
 */
export const pull = Effect.fn("Pull.pull")(function* ({ json, name, sources: words }: PullInput) {
  if (name !== undefined && words.length > 1)
    return yield* usageFailure("--as names one registry: pull the others in a command of their own.")
  const here = yield* workspaceHere
  const workspace = here ?? workspaceAt(process.cwd(), { rigbook: 1 })
  const sources = yield* Effect.forEach(words, (word) => sourceOf(workspace, word, name))
  const twice = sources.find(({ origin }, at) => sources.findIndex((other) => other.origin === origin) !== at)
  if (twice !== undefined)
    return yield* usageFailure(
      `Two of these are called "${twice.origin}": pull one of them in a command of its own, with --as NAME`,
    )
  if (here === undefined) yield* makeWorkspace
  const metrics = yield* installedMetrics
  const pulled = yield* Effect.forEach(sources, (source) =>
    Effect.gen(function* () {
      const root = yield* source.root
      yield* claimOrigin(workspace, source)
      return { origin: source.origin, ...(yield* takeRecords(workspace, { origin: source.origin, root }, metrics)) }
    }).pipe(Effect.scoped),
  )
  const updated = new Set(pulled.flatMap((one) => one.updated))
  if (updated.size > 0) yield* updateReports(workspace, (yield* readAllRecords(workspace)).records, updated, metrics)
  const { failed, files } = yield* updateRegistry(workspace)
  const paths = files.map(({ path }) => relative(process.cwd(), path))
  yield* json
    ? printJson({ pulled, files: paths })
    : print([...pulled.map(page), ...paths.filter((path) => /REGISTRY\.md$|\.html$/.test(path))].join("\n"))
  return failed.length + pulled.flatMap(({ refused }) => refused).length === 0 ? EXIT.done : EXIT.failed
})

const makeWorkspace = Effect.gen(function* () {
  yield* writeAtomically(join(process.cwd(), WORKSPACE_FILE), "rigbook: 1\n")
  printAside(`Wrote ${WORKSPACE_FILE}: this folder is a workspace now.`)
})

/**
 * What an origin's name stands for, once its files are here: a place that can't be reached takes no name. It is kept as a hash,
 * because an address may have names and tokens in it.
 */
const claimOrigin = Effect.fnUntraced(function* (workspace: Workspace, { origin, place }: Source) {
  const fs = yield* FileSystem.FileSystem
  const { root } = originWorkspace(workspace, origin)
  const path = join(root, "origin.json")
  const text = `${JSON.stringify({ schema: 1, placeSha256: textSha256(place) }, null, 2)}\n`
  const before = yield* readTextIfAny(path, FILE_LIMITS.small)
  if (before === text) return
  if (before !== undefined)
    return yield* usageFailure(
      `"${origin}" was pulled from another place before. Choose another name with --as NAME, or delete ${relative(process.cwd(), root)} first.`,
    )
  yield* fs.makeDirectory(root, { recursive: true })
  yield* writeAtomically(path, text)
})

const page = ({ added, here, origin, refused, unchanged, updated }: Taken & { readonly origin: string }): string =>
  [
    `${origin}: ${[
      `${count(added.length, "record")} added`,
      ...(updated.length === 0 ? [] : [`${updated.length} updated`]),
      ...(unchanged.length === 0 ? [] : [`${unchanged.length} unchanged`]),
      ...(here.length === 0 ? [] : [`${here.length} already here`]),
      ...(refused.length === 0 ? [] : [`${refused.length} refused`]),
    ].join(", ")}`,
    ...refused.flatMap(({ findings, record }) => [
      `refused: ${record}`,
      ...findings.slice(0, SHOWN).map((finding) => `  ${finding.split("\n").join("\n  ")}`),
      ...(findings.length > SHOWN ? [`  and ${findings.length - SHOWN} more findings`] : []),
    ]),
  ].join("\n")

/** Findings of one record that are shown; `--json` has all. */
const SHOWN = 5
