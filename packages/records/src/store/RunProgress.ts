import { type Metric, type MetricValue, type RunRecord } from "@rigbook/core"
import { Effect, FileSystem } from "effect"
import { basename, join } from "node:path"
import { type Journal, JOURNAL_FILE, readJournal } from "../journal/Journal.ts"
import { METRICS, metricsOfCell } from "../metrics/Metrics.ts"
import { valuesOf } from "../metrics/Values.ts"
import { RECORD_FILE } from "./RecordStore.ts"
import { runningProcesses } from "./RunLock.ts"
import { readRunPlan, type RunPlan } from "./RunPlan.ts"

/** A cell that is being measured: what its journal says so far. */
export interface RunningCell {
  readonly id: string
  readonly journal: Journal
  /** Figures of the trials measured so far; without telemetry. */
  readonly values: ReadonlyArray<MetricValue>
}

/** What a run is doing at this moment. */
export interface RunProgress {
  /** The process that measures. */
  readonly pid: number
  /** Absent between two cells. */
  readonly running: RunningCell | undefined
  /** What comes after it, in order. */
  readonly next: RunPlan["cells"]
  /** How many of the run's cells have their record. */
  readonly done: number
  readonly cells: number
}

/**
 * What the run of a workspace is doing, from its files: this machine's, else another's; `undefined` if there is none. `records`: those already
 * known, so that finished cells are not counted as pending. Reads only. Fails with `PlatformError` if the
 * folder of records exists and can't be read.
 */
export const runProgress = Effect.fn("RunProgress.runProgress")(function* (
  raw: string,
  records: ReadonlyArray<RunRecord>,
  metrics: ReadonlyArray<Metric> = METRICS,
) {
  const results = join(raw, "..")
  const [process] = yield* runningProcesses(results)
  if (process === undefined) return undefined
  const plan = yield* readRunPlan(results, process.host)
  const known = new Set(records.map(({ id }) => id))
  const running = yield* newestJournal(raw, known, plan === undefined ? 0 : Date.parse(plan.startedAt), metrics)
  const cells = plan?.cells ?? []
  const finished = plan === undefined ? [] : cells.filter(({ identity }) => isDone(plan, identity, records))
  return {
    pid: process.pid,
    running,
    next: cells.filter((cell) => !finished.includes(cell) && cell.identity !== running?.journal.header.cell.identity),
    done: finished.length,
    cells: cells.length,
  } satisfies RunProgress
})

/** A record of this run, or one that the run reuses. */
const isDone = ({ fresh, startedAt }: RunPlan, identity: string, records: ReadonlyArray<RunRecord>): boolean =>
  records.some(
    ({ cell, finishedAt, verdict }) =>
      cell.identity === identity && (finishedAt >= startedAt || (!fresh && verdict.status !== "invalid")),
  )

/**
 * The journal last written to since the run began, of those without a record. An unreadable one is
 * ignored.
 */
const newestJournal = Effect.fnUntraced(function* (
  raw: string,
  known: ReadonlySet<string>,
  since: number,
  metrics: ReadonlyArray<Metric>,
) {
  const fs = yield* FileSystem.FileSystem
  const isThere = (path: string) => Effect.orElseSucceed(fs.exists(path), () => true) // a link to itself is something
  const names = (yield* fs.exists(raw)) ? yield* fs.readDirectory(raw) : []
  let newest: { readonly folder: string; readonly at: number } | undefined
  for (const name of names) {
    if (known.has(name)) continue
    const folder = join(raw, name)
    const stat = yield* Effect.option(fs.stat(join(folder, JOURNAL_FILE)))
    const at = stat._tag === "Some" && stat.value.mtime._tag === "Some" ? stat.value.mtime.value.getTime() : -1
    if (at < since || at < (newest?.at ?? 0) || (yield* isThere(join(folder, RECORD_FILE)))) continue
    newest = { folder, at }
  }
  if (newest === undefined) return undefined
  const journal = yield* Effect.orElseSucceed(readJournal(newest.folder), () => undefined)
  if (journal === undefined) return undefined
  const { cell } = journal.header
  return {
    id: basename(newest.folder),
    journal,
    values: valuesOf(journal.samples, metricsOfCell(cell, metrics)),
  } satisfies RunningCell
})
