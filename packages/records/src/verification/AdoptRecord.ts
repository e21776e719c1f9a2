import { type Exit, FILE_LIMITS, type Metric, readTextIfAny } from "@rigbook/core"
import { Effect, FileSystem, Schema } from "effect"
import type { Dirent } from "node:fs"
import { readdir } from "node:fs/promises"
import { basename, join } from "node:path"
import { METRICS } from "../metrics/Metrics.ts"
import { RECORD_FILE } from "../store/RecordStore.ts"
import type { Workspace } from "../workspace/Workspace.ts"
import { findingText } from "./Finding.ts"
import { verifyRecord } from "./VerifyRecord.ts"

/** A record from another machine that does not agree with its samples, or with a record that is here. */
export class RecordRefused extends Schema.TaggedError<RecordRefused>()("RecordRefused", {
  /** Its id. */
  record: Schema.NonEmptyString,
  /** What is wrong, each in a sentence with its file and line. */
  findings: Schema.NonEmptyArray(Schema.String),
}) {
  get exit(): Exit {
    return "failed"
  }

  override get message(): string {
    return [`The record ${this.record} is refused:`, ...this.findings.map((finding) => `  ${finding}`)].join("\n")
  }
}

/**
 * Takes the record in a folder into the workspace: verified first, and then moved there at once, so that nobody reads a
 * part of it. `folder` bears the record's id, and lies on the workspace's disk. A record that is already there is left as
 * it is, and an interrupted run of this id gives way to its record. Returns the id. Fails with `RecordRefused` if the
 * record does not agree with its samples, has anything but ordinary files and folders, or another one has its id, and with
 * `BadTelemetry`, `UnreadableFile` or `PlatformError` if files can't be read or moved.
 */
export const adoptRecord = Effect.fn("AdoptRecord.adoptRecord")(function* (
  workspace: Workspace,
  folder: string,
  metrics: ReadonlyArray<Metric> = METRICS,
) {
  const fs = yield* FileSystem.FileSystem
  const id = basename(folder)
  const home = join(workspace.raw, id)
  const isHere = Effect.gen(function* () {
    const there = yield* readTextIfAny(join(home, RECORD_FILE), FILE_LIMITS.record)
    if (there === undefined) return false
    if ((yield* readTextIfAny(join(folder, RECORD_FILE), FILE_LIMITS.record)) === there) return true
    return yield* new RecordRefused({ record: id, findings: ["another record with this id is here, which stays."] })
  })
  if (yield* isHere) return id
  const [special, ...others] = yield* specialIn(folder)
  if (special !== undefined) return yield* new RecordRefused({ record: id, findings: [special, ...others] })
  const { findings } = yield* verifyRecord(workspace, folder, metrics)
  const [first, ...rest] = findings.map(findingText)
  if (first !== undefined) return yield* new RecordRefused({ record: id, findings: [first, ...rest] })
  yield* fs.makeDirectory(workspace.raw, { recursive: true })
  const move = fs.rename(folder, home)
  yield* Effect.catch(move, (error) =>
    Effect.gen(function* () {
      if (!(yield* fs.exists(home))) return yield* error
      // Another program that brought it was faster; else it is an interrupted run.
      if (yield* isHere) return
      yield* fs.remove(home, { recursive: true })
      yield* move
    }),
  )
  return id
})

/**
 * What in a folder is neither a file nor a folder, each in a sentence. A link would show a file of this machine as the record's,
 * or bring what is written to it elsewhere; a pipe would stop its reader.
 */
const specialIn = (folder: string) =>
  Effect.map(
    // Effect's own listing follows links. A folder that can't be read is reported where it is verified.
    Effect.orElseSucceed(
      Effect.tryPromise(() => readdir(folder, { recursive: true, withFileTypes: true })),
      (): ReadonlyArray<Dirent> => [],
    ),
    (entries) =>
      entries
        .filter((entry) => !entry.isFile() && !entry.isDirectory())
        .map(
          (entry) =>
            `${join(entry.parentPath, entry.name).slice(folder.length + 1)} is ${kindOf(entry)}, where only files may be.`,
        )
        .toSorted(),
  )

const kindOf = (entry: Dirent): string =>
  entry.isSymbolicLink() ? "a link" : entry.isFIFO() ? "a named pipe" : entry.isSocket() ? "a socket" : "a device"
