import {
  FILE_LIMITS,
  type FileLimit,
  type LaunchUnit,
  LaunchUnit as UnitSchema,
  Outcome,
  readTextIfAny,
  RunLine,
} from "@rigbook/core"
import { CLAIM_FILE, RECORD_FILE } from "@rigbook/records"
import { Effect, FileSystem, Option, Schema } from "effect"
import { join } from "node:path"

/** The files of a unit, on a disk that the nodes share: what it is, what it wrote, and how it ended. */
export interface UnitFolder {
  readonly path: string
  /** Records as the worker writes them: another attempt has others, so a late write of a lost one hits nothing. */
  readonly records: string
}

const Ending = Schema.fromJsonString(
  Schema.Struct({ outcome: Outcome, detail: Schema.optionalKey(Schema.NonEmptyString) }),
)
export type Ending = typeof Ending.Type

const decodeEnding = Schema.decodeOption(Ending)
const encodeEnding = Schema.encodeSync(Ending)
const encodeUnit = Schema.encodeSync(Schema.fromJsonString(UnitSchema))
const decodeLine = Schema.decodeOption(Schema.fromJsonString(RunLine))

/** Where the units of a workspace are: beside its records. */
export const unitFolder = (raw: string, name: string): UnitFolder => {
  const path = join(raw, "..", ".units", name)
  return { path, records: join(path, "records") }
}

const read = (path: string, limit: FileLimit = FILE_LIMITS.small) =>
  Effect.orDie(Effect.map(readTextIfAny(path, limit), Option.fromUndefinedOr))

/** Readers find the whole text or none. */
const write = Effect.fnUntraced(function* (path: string, text: string) {
  const fs = yield* FileSystem.FileSystem
  const partial = `${path}.${process.pid}`
  yield* fs.writeFileString(partial, text)
  yield* fs.rename(partial, path)
}, Effect.orDie)

/** The id of the job that was submitted for the unit. */
export const submittedJob = (folder: UnitFolder) => Effect.map(read(join(folder.path, "job")), Option.getOrUndefined)

export const keepJob = (folder: UnitFolder, id: string) => write(join(folder.path, "job"), id)

/** How the unit ended. Once it is known it stays: Slurm forgets jobs. */
export const endingOf = (folder: UnitFolder) =>
  Effect.map(read(join(folder.path, "ending.json")), (text) =>
    Option.getOrUndefined(Option.flatMap(text, decodeEnding)),
  )

export const keepEnding = (folder: UnitFolder, ending: Ending) =>
  write(join(folder.path, "ending.json"), encodeEnding(ending))

/** Whether a unit of this name was ever written here. */
export const isKnown = Effect.fnUntraced(function* (folder: UnitFolder) {
  return yield* (yield* FileSystem.FileSystem).exists(join(folder.path, "unit.json"))
}, Effect.orDie)

/** What an earlier unit has measured: its records, and which of them are not to be taken over. */
export interface Before {
  readonly folder: UnitFolder
  /** Complete records are left aside: a worker that ran on may have written them. */
  readonly isLost?: boolean
  /** The ids of the records that are meant; all where it is left out. */
  readonly only?: ReadonlySet<string>
}

/**
 * Writes down what the job needs. Records of the attempt before, or of earlier units of the same cells, are copied, so that
 * the worker measures the rest: not moved, as a lost attempt may still write its own. Of two copies of a record the first
 * one counts.
 */
export const prepare = Effect.fnUntraced(function* (
  folder: UnitFolder,
  unit: LaunchUnit,
  script: string,
  before: ReadonlyArray<Before>,
) {
  const fs = yield* FileSystem.FileSystem
  yield* fs.makeDirectory(folder.path, { recursive: true })
  if (!(yield* fs.exists(folder.records))) {
    const partial = `${folder.records}.${process.pid}`
    yield* fs.makeDirectory(partial, { recursive: true })
    for (const { folder: earlier, isLost = false, only } of before)
      for (const record of yield* Effect.orElseSucceed(fs.readDirectory(earlier.records), () => [])) {
        if (only?.has(record) === false) continue
        const [from, to] = [join(earlier.records, record), join(partial, record)]
        if ((yield* fs.exists(to)) || (isLost && (yield* fs.exists(join(from, RECORD_FILE))))) continue
        yield* fs.copy(from, to)
        // What a lost attempt was measuring when its node died is resumed, not measured twice at the same time.
        yield* fs.remove(join(to, CLAIM_FILE), { force: true })
      }
    yield* fs.rename(partial, folder.records)
  }
  yield* write(join(folder.path, "job.sh"), script)
  yield* write(join(folder.path, "unit.json"), encodeUnit(unit))
}, Effect.orDie)

/** The worker's lines. The last one counts when it is whole. */
export const linesOf = Effect.fnUntraced(function* (folder: UnitFolder) {
  const text = Option.getOrElse(yield* read(join(folder.path, "events.ndjson"), FILE_LIMITS.journal), () => "")
  return text
    .slice(0, text.lastIndexOf("\n") + 1)
    .split("\n")
    .flatMap((line) => Option.toArray(decodeLine(line)))
})

/** The exit code of the worker, as the script saw it; `undefined` before that, and for a script that was killed. */
export const exitCodeOf = (folder: UnitFolder) =>
  Effect.map(read(join(folder.path, "exit")), (text) =>
    Option.getOrUndefined(Option.filter(Option.map(text, Number), Number.isInteger)),
  )

const LOG_LINES = 5

/** What the worker wrote last beside its lines. */
export const logTail = (folder: UnitFolder) =>
  Effect.map(read(join(folder.path, "worker.log"), FILE_LIMITS.log), (text) =>
    Option.getOrElse(text, () => "")
      .trim()
      .split("\n")
      .slice(-LOG_LINES)
      .join("\n"),
  )
