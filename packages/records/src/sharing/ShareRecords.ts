import { FILE_LIMITS, type Metric, readText, readTextIfAny, report } from "@rigbook/core"
import { Effect, FileSystem } from "effect"
import { createHash } from "node:crypto"
import { basename, dirname, join } from "node:path"
import { JOURNAL_FILE } from "../journal/Journal.ts"
import { TELEMETRY_FILE } from "../journal/TelemetryFile.ts"
import { METRICS } from "../metrics/Metrics.ts"
import { decodeRecord, readRecord, RECORD_FILE, recordFolders } from "../store/RecordStore.ts"
import { findingText } from "../verification/Finding.ts"
import { verifyRecord } from "../verification/VerifyRecord.ts"
import { sharedPrompts } from "../workspace/SharedPrompts.ts"
import type { Workspace } from "../workspace/Workspace.ts"
import { writeAtomically } from "../workspace/WriteAtomically.ts"
import { type Names, published } from "./Mask.ts"

/** What was written to be published. */
export interface Shared {
  readonly records: ReadonlyArray<string>
  /** Of these, those in whose record or samples something was masked. */
  readonly masked: ReadonlyArray<string>
  /** What is wrong with each that was left out, in sentences. */
  readonly leftOut: ReadonlyArray<{ readonly record: string; readonly findings: ReadonlyArray<string> }>
}

const LOG = /^engine(\.\d+)?\.log$/

/**
 * Writes this workspace's own records into another one, to be published: with samples, telemetry, logs and the prompt sets
 * that have names, without what `published` masks. A record vouches for its samples by their hash, so a masked record has the
 * hashes of the masked files; it is written only if `verifyRecord` finds nothing wrong with it, which shows that no figure
 * changed. A record that was here and is gone is taken away. Fails with `BadTelemetry`, `UnreadableFile` or
 * `PlatformError` where files can't be read or written.
 */
export const shareRecords = Effect.fn("ShareRecords.shareRecords")(function* (
  workspace: Workspace,
  target: Workspace,
  { metrics = METRICS, names }: { readonly metrics?: ReadonlyArray<Metric>; readonly names: Names },
) {
  const fs = yield* FileSystem.FileSystem
  const shared = { records: Array<string>(), masked: Array<string>() }
  const leftOut: Array<Shared["leftOut"][number]> = []
  const folders = yield* recordFolders(workspace.raw)
  yield* fs.makeDirectory(target.raw, { recursive: true })
  // Written again with the records that name them: none may stay that is not published any more.
  yield* fs.remove(target.prompts, { recursive: true, force: true })
  for (const [done, folder] of folders.entries()) {
    yield* report({ step: "push", detail: basename(folder), done, total: folders.length })
    const one = yield* Effect.result(shareOne(workspace, target, folder, { metrics, names }))
    if (one._tag === "Failure" && one.failure._tag !== "BadRecord") return yield* one.failure
    if (one._tag === "Failure") leftOut.push({ record: basename(folder), findings: [one.failure.message] })
    else if (one.success === undefined) continue
    else if ("findings" in one.success) leftOut.push({ record: basename(folder), findings: one.success.findings })
    else {
      shared.records.push(one.success.id)
      if (one.success.masked) shared.masked.push(one.success.id)
    }
  }
  for (const folder of yield* recordFolders(target.raw))
    if (!shared.records.includes(basename(folder))) yield* fs.remove(folder, { recursive: true })
  yield* report({ step: "push", detail: `${shared.records.length} records written`, finished: true })
  return { ...shared, leftOut } satisfies Shared
})

/** One record; what is wrong with it as it would be published; `undefined` for an unfinished one. */
const shareOne = Effect.fnUntraced(function* (
  workspace: Workspace,
  target: Workspace,
  folder: string,
  { metrics, names }: { readonly metrics: ReadonlyArray<Metric>; readonly names: Names },
) {
  const fs = yield* FileSystem.FileSystem
  const record = yield* readRecord(folder)
  if (record === undefined) return undefined
  const id = published(record.id, names, false)
  const home = join(target.raw, id)
  const read = (file: string, limit: (typeof FILE_LIMITS)[keyof typeof FILE_LIMITS]) =>
    Effect.map(readTextIfAny(join(folder, file), limit), (text = "") => ({ text, clean: published(text, names) }))
  const [text, journal, telemetry] = [
    yield* read(RECORD_FILE, FILE_LIMITS.record),
    yield* read(JOURNAL_FILE, FILE_LIMITS.journal),
    yield* read(TELEMETRY_FILE, FILE_LIMITS.telemetry),
  ]
  const clean = [journal, telemetry].reduce(
    (made, file) => made.replace(sha256(file.text), sha256(file.clean)),
    text.clean,
  )
  yield* fs.remove(home, { recursive: true, force: true })
  yield* fs.makeDirectory(home, { recursive: true })
  yield* writeAtomically(join(home, RECORD_FILE), clean)
  yield* writeAtomically(join(home, JOURNAL_FILE), journal.clean)
  if (telemetry.text !== "") yield* writeAtomically(join(home, TELEMETRY_FILE), telemetry.clean)
  for (const name of (yield* fs.readDirectory(folder)).filter((file) => LOG.test(file)))
    yield* writeAtomically(
      join(home, name),
      published(yield* readText(join(folder, name), FILE_LIMITS.log), names, false),
    )
  const decoded = yield* Effect.option(decodeRecord(clean))
  const prompts = decoded._tag === "Some" ? sharedPrompts(decoded.value.cell.scenario) : undefined
  const private_ = prompts === undefined ? undefined : yield* sharePrompts(prompts, workspace, target, names)
  const { findings } = yield* verifyRecord(target, home, metrics, { pulled: true })
  const wrong = [...findings.map(findingText), ...(private_ === undefined ? [] : [private_])]
  if (wrong.length === 0) return { id, masked: clean !== text.text || journal.clean !== journal.text }
  yield* fs.remove(home, { recursive: true })
  return { findings: wrong }
})

/** Prompts are published as they are, because records have their hash; or not at all: then what is in the way. */
const sharePrompts = Effect.fnUntraced(function* (path: string, from: Workspace, to: Workspace, names: Names) {
  const fs = yield* FileSystem.FileSystem
  const text = yield* readTextIfAny(join(from.root, path), FILE_LIMITS.prompts)
  if (text === undefined) return undefined
  if (published(text, names) !== text) {
    const line = text.split("\n").findIndex((one) => published(one, names) !== one) + 1
    return `${path}:${line}: this line names a machine, a person, a path, an address or a token`
  }
  yield* fs.makeDirectory(dirname(join(to.root, path)), { recursive: true })
  yield* writeAtomically(join(to.root, path), text)
  return undefined
})

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex")
