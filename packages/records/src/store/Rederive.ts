import { type Metric, RunRecord, FILE_LIMITS, readTextIfAny } from "@rigbook/core"
import { Effect } from "effect"
import { basename, join } from "node:path"
import { JOURNAL_FILE, readJournal } from "../journal/Journal.ts"
import { misplacedTrials } from "../journal/Trials.ts"
import { METRICS } from "../metrics/Metrics.ts"
import { writeAtomically } from "../workspace/WriteAtomically.ts"
import { DERIVATION, foreignValues, type Staleness, staleness } from "./Derivation.ts"
import { changesBetween, type RecordChanges } from "./RecordChanges.ts"
import { decodeRecord, deriveRecord, RECORD_FILE, recordText } from "./RecordStore.ts"

/** Why a record is derived again; the last two if no record could be read. */
export type Rederivation = Exclude<Staleness, "newer rules"> | "named" | "no record" | "unreadable"

/** The outcome for one record. */
export type Rederived =
  | { readonly status: "current" }
  /** Derived again, or with `write: false` what it would be. Without `changes` if there was nothing to compare with. */
  | { readonly status: "derived"; readonly why: Rederivation; readonly changes?: RecordChanges }
  /** There is nothing to derive it from, or it is newer than this program. */
  | { readonly status: "left"; readonly reason: string }
  /** It should be derived again but can't be; it is unchanged. */
  | { readonly status: "failed"; readonly reason: string }

/**
 * Derives a record from its journal again with the current metrics and rules, if it is stale or `named`, and writes it
 * completely or not at all. Values of metrics that can't be derived here are kept. A problem is a status; fails with
 * `UnreadableFile` only if its journal can't be read.
 */
export const rederive = Effect.fn("Rederive.rederive")(function* (
  folder: string,
  {
    metrics = METRICS,
    named = false,
    write = true,
  }: { readonly metrics?: ReadonlyArray<Metric>; readonly named?: boolean; readonly write?: boolean } = {},
) {
  const path = join(folder, RECORD_FILE)
  const read = yield* Effect.result(readTextIfAny(path, FILE_LIMITS.record))
  if (read._tag === "Failure") return failed(read.failure.message)
  const text = read.success
  const known = text === undefined ? undefined : yield* Effect.orElseSucceed(decodeRecord(text), () => undefined)
  const why = reasonOf(text, known, { metrics, named })
  if (why === undefined) return { status: "current" } satisfies Rederived
  if (why === "newer rules") return left("it was derived by a newer version of Rigbook; update this one")

  const derivation = yield* Effect.result(deriveRecord(folder, metrics))
  if (derivation._tag === "Failure") {
    const { message } = derivation.failure
    return text === undefined ? left(`it is unfinished, and ${message}`) : failed(message)
  }
  const derived = derivation.success
  if (derived === undefined) return left(`there is no ${JOURNAL_FILE} to derive it from`)
  const open = known === undefined ? yield* openEnd(folder) : undefined
  if (open !== undefined) return open
  if (derived.id !== basename(folder)) return failed(`its samples belong to ${derived.id}`)
  const unlike = unlikeFiles(known ?? rawHashes(text), derived)
  if (unlike !== undefined)
    return failed(`${unlike} have changed since it was derived; rigbook verify shows what differs`)

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

/** A record that can't be read here may have a later format. */
const isNewer = (text: string): boolean => {
  const { derivation, schema } = looseJson(text)
  return (typeof schema === "number" && schema > 1) || (typeof derivation === "number" && derivation > DERIVATION)
}

type Hashes = Pick<RunRecord, "telemetry"> & { readonly samples?: RunRecord["samples"] }

/** What an unreadable record still says about its files. */
const rawHashes = (text: string | undefined): Hashes => (text === undefined ? {} : (looseJson(text) as Hashes))

const looseJson = (text: string): Readonly<Record<string, unknown>> => {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {}
  } catch {
    return {}
  }
}

/** Changed samples would look like measured ones in a record derived again. */
const unlikeFiles = ({ samples, telemetry }: Hashes, derived: RunRecord): string | undefined => {
  if (samples?.sha256 !== undefined && samples.sha256 !== derived.samples.sha256) return "its samples"
  if (telemetry?.sha256 !== undefined && telemetry.sha256 !== derived.telemetry?.sha256) return "its telemetry readings"
  return undefined
}

/**
 * Why no record can be derived if none vouches for the journal: its run was interrupted, or trials are out of place.
 */
const openEnd = Effect.fnUntraced(
  function* (folder: string) {
    const journal = yield* readJournal(folder)
    if (journal?.finishedAt === undefined) return left("it is unfinished; rigbook run resumes it")
    const [misplaced] = misplacedTrials(journal)
    return misplaced === undefined ? undefined : failed(misplaced.detail)
  },
  Effect.catchTag("BadJournal", ({ message }) => Effect.succeed(failed(message))),
)
