import { type Metric, RunRecord } from "@rigbook/core"
import { Effect, FileSystem } from "effect"
import { basename, join } from "node:path"
import { JOURNAL_FILE, readJournal } from "../journal/Journal.ts"
import { misplacedTrials } from "../journal/Trials.ts"
import { METRICS } from "../metrics/Metrics.ts"
import { writeAtomically } from "../workspace/WriteAtomically.ts"
import { DERIVATION, foreignValues, type Staleness, staleness } from "./Derivation.ts"
import { changesBetween, type RecordChanges } from "./RecordChanges.ts"
import { decodeRecord, deriveRecord, RECORD_FILE, recordText } from "./RecordStore.ts"

/** Why a record is made again; the last two where there is none that could be read. */
export type Rederivation = Exclude<Staleness, "newer rules"> | "named" | "no record" | "unreadable"

/** What became of one record. */
export type Rederived =
  | { readonly status: "current" }
  /** Made again, or with `write: false` what it would be. Without `changes` where there was nothing to compare with. */
  | { readonly status: "derived"; readonly why: Rederivation; readonly changes?: RecordChanges }
  /** There is nothing to make it of, or it is newer than this program. */
  | { readonly status: "left"; readonly reason: string }
  /** It has to be made again and can't be; it is as it was. */
  | { readonly status: "failed"; readonly reason: string }

/**
 * Makes a record again from its journal by today's metrics and rules, where it is stale or `named`, and writes it whole or
 * not at all. Values of metrics that nobody here can derive are kept. What stands in the way is a status; fails with
 * `PlatformError` only where the folder can't be read.
 */
export const rederive = Effect.fn("Rederive.rederive")(function* (
  folder: string,
  {
    metrics = METRICS,
    named = false,
    write = true,
  }: { readonly metrics?: ReadonlyArray<Metric>; readonly named?: boolean; readonly write?: boolean } = {},
) {
  const fs = yield* FileSystem.FileSystem
  const path = join(folder, RECORD_FILE)
  const text = (yield* fs.exists(path)) ? yield* fs.readFileString(path) : undefined
  const known = text === undefined ? undefined : yield* Effect.orElseSucceed(decodeRecord(text), () => undefined)
  const why = reasonOf(text, known, { metrics, named })
  if (why === undefined) return { status: "current" } satisfies Rederived
  if (why === "newer rules") return left("it was made by a newer version of Rigbook; update this one")

  const derivation = yield* Effect.result(deriveRecord(folder, metrics))
  if (derivation._tag === "Failure") {
    const { message } = derivation.failure
    return text === undefined ? left(`it is unfinished, and ${message}`) : failed(message)
  }
  const derived = derivation.success
  if (derived === undefined) return left(`there is no ${JOURNAL_FILE} to make it of`)
  const open = known === undefined ? yield* openEnd(folder) : undefined
  if (open !== undefined) return open
  if (derived.id !== basename(folder)) return failed(`its samples are those of ${derived.id}`)
  const unlike = unlikeFiles(known ?? rawHashes(text), derived)
  if (unlike !== undefined)
    return failed(`${unlike} are not those that it was made of; rigbook verify names what differs`)

  const foreign = known === undefined ? [] : foreignValues(known, metrics)
  // oxlint-disable-next-line typescript/no-misused-spread -- its fields make another one.
  const record = new RunRecord({ ...derived, values: [...derived.values, ...foreign] })
  const after = yield* recordText(record)
  if (after === text) return { status: "current" } satisfies Rederived
  if (write) {
    const written = yield* Effect.result(writeAtomically(path, after))
    if (written._tag === "Failure") return failed(`it can't be written: ${written.failure.message}`)
  }
  const changes = known === undefined ? {} : { changes: changesBetween(known, record) }
  return { status: "derived", why, ...changes } satisfies Rederived
})

const left = (reason: string): Rederived => ({ status: "left", reason })
const failed = (reason: string): Rederived => ({ status: "failed", reason })

const reasonOf = (
  text: string | undefined,
  record: RunRecord | undefined,
  { metrics, named }: { readonly metrics: ReadonlyArray<Metric>; readonly named: boolean },
): Rederivation | "newer rules" | undefined => {
  if (text === undefined) return "no record"
  if (record === undefined) return isNewer(text) ? "newer rules" : "unreadable"
  return staleness(record, metrics) ?? (named ? "named" : undefined)
}

/** A record that can't be read here may be one of a later form. */
const isNewer = (text: string): boolean => {
  const { derivation, schema } = looseJson(text)
  return (typeof schema === "number" && schema > 1) || (typeof derivation === "number" && derivation > DERIVATION)
}

type Hashes = Pick<RunRecord, "telemetry"> & { readonly samples?: RunRecord["samples"] }

/** What a record that can't be read says of its files all the same. */
const rawHashes = (text: string | undefined): Hashes => (text === undefined ? {} : (looseJson(text) as Hashes))

const looseJson = (text: string): Readonly<Record<string, unknown>> => {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {}
  } catch {
    return {}
  }
}

/** Samples that were changed would pass for measured ones in a record made anew. */
const unlikeFiles = ({ samples, telemetry }: Hashes, derived: RunRecord): string | undefined => {
  if (samples?.sha256 !== undefined && samples.sha256 !== derived.samples.sha256) return "its samples"
  if (telemetry?.sha256 !== undefined && telemetry.sha256 !== derived.telemetry?.sha256)
    return "its readings of devices"
  return undefined
}

/** Why no record can be made where none vouches for the journal: its run was cut, or trials are not where they have to be. */
const openEnd = Effect.fnUntraced(
  function* (folder: string) {
    const journal = yield* readJournal(folder)
    if (journal?.finishedAt === undefined) return left("it is unfinished; rigbook run resumes it")
    const [misplaced] = misplacedTrials(journal)
    return misplaced === undefined ? undefined : failed(misplaced.detail)
  },
  Effect.catchTag("BadJournal", ({ message }) => Effect.succeed(failed(message))),
)
