import {
  FILE_LIMITS,
  type FileLimit,
  type Metric,
  readBytes,
  readTextIfAny,
  report,
  UnreadableFile,
  WORKSPACE_FILE,
} from "@rigbook/core"
import { Effect, FileSystem } from "effect"
import { dirname, join } from "node:path"
import { JOURNAL_FILE } from "../journal/Journal.ts"
import { TELEMETRY_FILE } from "../journal/TelemetryFile.ts"
import { METRICS } from "../metrics/Metrics.ts"
import { decodeRecord, RECORD_FILE } from "../store/RecordStore.ts"
import { findingText } from "../verification/Finding.ts"
import { verifyRecord } from "../verification/VerifyRecord.ts"
import { sharedPrompts } from "../workspace/SharedPrompts.ts"
import { type Workspace, workspaceAt } from "../workspace/Workspace.ts"
import { writeAtomically } from "../workspace/WriteAtomically.ts"
import { originsOf, originWorkspace } from "./Pulled.ts"

/** What became of the records of another registry, by their ids. */
export interface Taken {
  readonly added: ReadonlyArray<string>
  /** Derived again at their origin since they were pulled, from the same samples. */
  readonly updated: ReadonlyArray<string>
  readonly unchanged: ReadonlyArray<string>
  /** This workspace has them as its own, or from another origin. */
  readonly here: ReadonlyArray<string>
  /** What is wrong with each that was not taken, in sentences with file and line. */
  readonly refused: ReadonlyArray<{ readonly record: string; readonly findings: ReadonlyArray<string> }>
}

/** What lies in the folder of a record and is taken along; anything else is not even opened. */
const FILES: Readonly<Record<string, FileLimit>> = {
  [RECORD_FILE]: FILE_LIMITS.record,
  [JOURNAL_FILE]: FILE_LIMITS.journal,
  [TELEMETRY_FILE]: FILE_LIMITS.telemetry,
}
const LOG = /^engine(\.\d{1,4})?\.log$/

/** Names of folders that `recordId` gives. */
const isId = (name: string): boolean => /^[A-Za-z0-9][A-Za-z0-9._-]{0,249}$/.test(name)

/** Records of one registry: some hundred times what is usual. */
const MOST_RECORDS = 50_000

/**
 * Takes the records of another workspace into `benchmarks/results/pulled/<origin>`. Each is copied, within the limits of its
 * files and without following links, then verified, and only then moved there. One that was pulled before is not read
 * again. A record that is refused costs no other. Fails with `UnreadableFile` or `PlatformError` where a folder
 * can't be read or written.
 */
export const takeRecords = Effect.fn("TakeRecords.takeRecords")(function* (
  workspace: Workspace,
  { origin, root }: { readonly origin: string; readonly root: string },
  metrics: ReadonlyArray<Metric> = METRICS,
) {
  const fs = yield* FileSystem.FileSystem
  const from = workspaceAt(yield* fs.realPath(root), { rigbook: 1 })
  const home = originWorkspace(workspace, origin)
  yield* fs.makeDirectory(dirname(workspace.pulled), { recursive: true })
  const incoming = yield* fs.makeTempDirectoryScoped({ directory: dirname(workspace.pulled), prefix: ".incoming-" })
  const staged = workspaceAt(incoming, { rigbook: 1 })
  const taken = { added: Array<string>(), updated: Array<string>(), unchanged: Array<string>(), here: Array<string>() }
  const refused: Array<Taken["refused"][number]> = []
  const elsewhere = yield* idsElsewhere(workspace, origin)
  const names = (yield* plainFolder(from.raw)) ? (yield* fs.readDirectory(from.raw)).toSorted() : []
  if (names.length > MOST_RECORDS)
    return yield* unreadable(from.raw, `has ${names.length} records, but a registry may have ${MOST_RECORDS} at most`)
  for (const [done, name] of names.entries()) {
    yield* report({ step: "pull", detail: name, done, total: names.length })
    const outcome = yield* isId(name)
      ? Effect.result(takeOne({ name, from, staged, home, elsewhere }, metrics))
      : Effect.succeed(undefined)
    yield* fs.remove(join(staged.raw, name), { recursive: true, force: true })
    if (outcome === undefined) continue
    if (outcome._tag === "Success" && typeof outcome.success === "string") taken[outcome.success].push(name)
    else if (outcome._tag === "Failure" && outcome.failure._tag === "PlatformError") return yield* outcome.failure
    else if (outcome._tag === "Failure")
      refused.push({ record: name, findings: [shown(outcome.failure.message, [from, staged])] })
    else if (Array.isArray(outcome.success)) refused.push({ record: name, findings: outcome.success })
  }
  yield* report({ step: "pull", detail: `${names.length} records compared`, finished: true })
  return { ...taken, refused } satisfies Taken
}, Effect.scoped)

interface One {
  readonly name: string
  readonly from: Workspace
  readonly staged: Workspace
  readonly home: Workspace
  readonly elsewhere: ReadonlySet<string>
}

/** What became of one record: where it belongs among those taken, or what is wrong with it; `undefined` if it has no record yet. */
const takeOne = Effect.fnUntraced(function* (
  { elsewhere, from, home, name, staged }: One,
  metrics: ReadonlyArray<Metric>,
) {
  const fs = yield* FileSystem.FileSystem
  const [source, folder, target] = [from, staged, home].map(({ raw }) => join(raw, name)) as [string, string, string]
  if (!(yield* plainFolder(source))) return undefined
  const text = yield* plainText(join(source, RECORD_FILE))
  if (text === undefined) return undefined // interrupted there, or no record at all
  if (elsewhere.has(name)) return "here" as const
  const before = yield* readTextIfAny(join(target, RECORD_FILE), FILE_LIMITS.record)
  if (before === text) return "unchanged" as const
  const schema = schemaOf(text)
  if (schema !== 1)
    return [`benchmarks/results/raw/${name}/${RECORD_FILE}: its schema is ${schema}, and this Rigbook reads 1.`]
  yield* fs.makeDirectory(folder, { recursive: true })
  for (const file of (yield* fs.readDirectory(source)).toSorted()) {
    const limit = FILES[file] ?? (LOG.test(file) ? FILE_LIMITS.log : undefined)
    if (limit !== undefined) yield* fs.writeFile(join(folder, file), yield* plainBytes(join(source, file), limit))
  }
  const record = yield* Effect.option(decodeRecord(text))
  const prompts = record._tag === "Some" ? sharedPrompts(record.value.cell.scenario) : undefined
  if (prompts !== undefined) yield* copyPrompts(prompts, from, staged)
  if (record._tag === "Some" && record.value.id !== name)
    return [`benchmarks/results/raw/${name}/${RECORD_FILE}: its id is not the name of its folder`]
  const old = yield* Effect.option(decodeRecord(before))
  if (old._tag === "Some" && record._tag === "Some" && old.value.samples.sha256 !== record.value.samples.sha256)
    return [`benchmarks/results/raw/${name}: has other samples than when it was pulled before, which stay`]
  const { findings } = yield* verifyRecord(staged, folder, metrics, { pulled: true })
  if (findings.length > 0) return findings.map(findingText)
  yield* makeHome(home)
  if (prompts !== undefined) yield* copyPrompts(prompts, staged, home)
  yield* fs.remove(target, { recursive: true, force: true })
  yield* fs.rename(folder, target)
  return before === undefined ? ("added" as const) : ("updated" as const)
})

/** A workspace to be verified in its own right. */
const makeHome = Effect.fnUntraced(function* ({ raw, root }: Workspace) {
  const fs = yield* FileSystem.FileSystem
  yield* fs.makeDirectory(raw, { recursive: true })
  if (!(yield* fs.exists(join(root, WORKSPACE_FILE))))
    yield* writeAtomically(join(root, WORKSPACE_FILE), "rigbook: 1\n")
})

/** Prompts that did not come along are not checked: there need be none. */
const copyPrompts = Effect.fnUntraced(function* (path: string, from: Workspace, to: Workspace) {
  const fs = yield* FileSystem.FileSystem
  const target = join(to.root, path)
  const bytes = yield* Effect.result(plainBytes(join(from.root, path), FILE_LIMITS.prompts))
  if (bytes._tag === "Failure" && !(bytes.failure._tag === "UnreadableFile" && bytes.failure.missing))
    return yield* bytes.failure
  if (bytes._tag === "Failure") return
  yield* fs.makeDirectory(dirname(target), { recursive: true })
  yield* fs.writeFile(target, bytes.success)
})

/** Ids that this workspace has by itself or from other origins: pulling them again would show them twice. */
const idsElsewhere = Effect.fnUntraced(function* (workspace: Workspace, origin: string) {
  const fs = yield* FileSystem.FileSystem
  const others = (yield* originsOf(workspace)).filter((name) => name !== origin)
  const folders = [workspace.raw, ...others.map((name) => originWorkspace(workspace, name).raw)]
  const ids = yield* Effect.forEach(folders, (folder) =>
    Effect.flatMap(fs.exists(folder), (there) => (there ? fs.readDirectory(folder) : Effect.succeed([]))),
  )
  return new Set(ids.flat())
})

/** A folder that is there, and that no link on the way to it leads to. */
const plainFolder = Effect.fnUntraced(function* (path: string) {
  const fs = yield* FileSystem.FileSystem
  const real = yield* Effect.option(fs.realPath(path))
  if (real._tag === "None") return false
  if (real.value !== path) return yield* unreadable(path, "is a link")
  return (yield* fs.stat(path)).type === "Directory"
})

/** The bytes of a file that is no link. */
const plainBytes = Effect.fnUntraced(function* (path: string, limit: FileLimit) {
  const fs = yield* FileSystem.FileSystem
  const real = yield* Effect.option(fs.realPath(path))
  if (real._tag === "Some" && real.value !== path) return yield* unreadable(path, "is a link")
  return yield* readBytes(path, limit)
})

const plainText = (path: string) =>
  plainBytes(path, FILE_LIMITS.record).pipe(
    Effect.map((bytes): string | undefined => new TextDecoder().decode(bytes)),
    Effect.catchTag("UnreadableFile", (error) => (error.missing ? Effect.succeed(undefined) : Effect.fail(error))),
  )

const unreadable = (path: string, detail: string): UnreadableFile =>
  new UnreadableFile({ path, detail, fix: "Ask its author for the files themselves.", missing: false })

/** Paths of the other workspace, from its root. */
const shown = (message: string, workspaces: ReadonlyArray<Workspace>): string =>
  workspaces.reduce((text, { root }) => text.replaceAll(`${root}/`, ""), message)

/** The version of a record's form; 1 where the text is not even JSON, which the schema then says. */
const schemaOf = (text: string): number => {
  try {
    const value: unknown = JSON.parse(text)
    const schema = typeof value === "object" && value !== null && "schema" in value ? value.schema : 1
    return typeof schema === "number" ? schema : 1
  } catch {
    return 1
  }
}
