import { bounds, type CellOrder, type Metric, type RunLine, type RunRecord } from "@rigbook/core"
import {
  keepRunPlan,
  leftRuns,
  METRICS,
  readRecord,
  readRecords,
  rungOf,
  runLock,
  saturationOf,
  type Workspace,
} from "@rigbook/records"
import { Effect } from "effect"
import { basename, join } from "node:path"
import type { Cell } from "../plan/Cell.ts"
import { now } from "./Begin.ts"
import { cellRunner } from "./CellRunner.ts"
import { clearLeftovers } from "./Leftovers.ts"
import { firstLine, outcomeOf, withTime } from "./Lines.ts"

/** How cells are run. */
export interface RunOptions {
  readonly workspace: Workspace
  /** Measure again instead of reusing current records. */
  readonly fresh?: boolean
  /** What began at this time or later, in ISO 8601, is reused and resumed though the run is `fresh`. */
  readonly since?: string
  /**
   * Measures all cells this many times, each time for a share of their trials: A B A B instead of A A B B, so that
   * drift affects all of them alike. Each round opens the engine again and warms it up. 1 unless set. A ramp's
   * rungs are measured completely in the first round: each decides on the next.
   */
  readonly rounds?: number
  /** The maximum number of measured trials of each cell; a cell that needs more is left to be resumed. */
  readonly until?: number
  /** Id of the interrupted run to resume, for one cell: see `CellOrder`. */
  readonly resume?: string
  /** Waits until no other process measures in the workspace on this machine, instead of failing with `WorkspaceBusy`. */
  readonly wait?: boolean
  readonly metrics?: ReadonlyArray<Metric>
  /** Is called with each line, in order. */
  readonly onLine?: (line: RunLine) => Effect.Effect<void>
}

/**
 * Runs cells one after the other and returns their records, including reused ones. A cell that fails,
 * can't be started, or whose interrupted run can't be read, is a record, never the end of the run; a ramp that has
 * ended leaves its other rungs without one. If it is interrupted or killed, the next run resumes after the last
 * complete trial. Fails with `WorkspaceBusy` if another run uses the workspace, with `PlatformError` if its folder
 * can't be read or written, with `LaunchError` if there is no such run to resume, with `BadRecord` if a record can't be
 * read.
 */
export const run = Effect.fn("Run.run")(function* <R>(cells: ReadonlyArray<Cell<R>>, options: RunOptions) {
  const { metrics = METRICS, resume, rounds = 1, workspace } = options
  const fresh = options.fresh === true
  const counts = (startedAt: string): boolean =>
    !fresh || (options.since !== undefined && Date.parse(startedAt) >= Date.parse(options.since))
  const folder = join(workspace.raw, "..")
  yield* runLock(folder, { wait: options.wait === true })
  const specs = cells.map(({ spec }) => spec)
  yield* keepRunPlan(folder, specs, { fresh, startedAt: yield* now })
  const { records } = yield* readRecords(workspace.raw)
  const left = yield* leftRuns(workspace.raw)
  yield* clearLeftovers(
    workspace,
    left.map((run) => run.folder),
  )
  const tell = options.onLine ?? (() => Effect.void)
  const emit = withTime(tell)
  yield* emit(firstLine(specs))
  const runHere = yield* cellRunner(cells, { workspace, metrics, left })
  const results: Array<RunRecord | undefined> = cells.map(() => undefined)
  const passedOver = new Set<Cell<R>>()
  /** Ids of runs that earlier rounds began. */
  const begun = new Map<string, string>()
  for (let round = 1; round <= rounds; round++)
    for (const [index, cell] of cells.entries()) {
      if (results[index] !== undefined || passedOver.has(cell)) continue
      const reason = rampEnd(cell, results)
      if (reason !== undefined) {
        passedOver.add(cell)
        yield* emit({ kind: "skipped", cell: cell.spec.identity, reason })
        continue
      }
      const { requested, spec } = cell
      const { identity } = spec
      const same = (record: RunRecord | undefined): boolean => record?.cell.identity === identity
      const holds = (record: RunRecord): boolean =>
        resume === undefined
          ? counts(record.startedAt) && same(record) && record.verdict.status !== "invalid"
          : record.id === resume
      const unfinished = left.findLast(({ journal }) => journal.header.cell.identity === identity)
      // A run that was to replace a record, and was interrupted.
      const replaces = ({ startedAt }: RunRecord): boolean =>
        unfinished !== undefined && unfinished.bad === undefined && unfinished.journal.header.startedAt > startedAt
      const kept = records.findLast(holds)
      const previous = results.find(same) ?? (resume === undefined && kept && replaces(kept) ? undefined : kept)
      if (previous !== undefined) {
        yield* emit({ kind: "reused", ...outcomeOf(previous) })
        results[index] = previous
        continue
      }
      const begunBefore =
        unfinished !== undefined && counts(unfinished.journal.header.startedAt) ? unfinished : undefined
      // Read again: another machine may have begun to resume it since this run began.
      const isOurs =
        begunBefore !== undefined && (yield* leftRuns(workspace.raw)).some((run) => run.folder === begunBefore.folder)
      const cut = isOurs ? begunBefore.folder : undefined
      const resumed = begun.get(identity) ?? resume ?? (cut && basename(cut))
      const { max, min } = bounds(spec.protocol.trials)
      // Whether the trials are enough is decided only at the end: the rounds before make the minimum number of trials.
      const share = round === rounds || cell.ramp !== undefined ? max : Math.ceil((min * round) / rounds)
      const order: CellOrder = {
        schema: 1,
        spec,
        requested,
        identity: "same",
        until: Math.min(share, options.until ?? max),
        fresh: fresh && resumed === undefined,
        ...(resumed === undefined ? {} : { resume: resumed }),
      }
      const id = yield* runHere(order, tell)
      const record = yield* readRecord(join(workspace.raw, id))
      if (record === undefined) begun.set(identity, id)
      else results[index] = record
    }
  return results.filter((record) => record !== undefined)
}, Effect.scoped)

/** Why a ramp has ended below a cell; `undefined` if it continues, and for a cell that is no rung. */
const rampEnd = <R>({ ramp }: Cell<R>, results: ReadonlyArray<RunRecord | undefined>): string | undefined => {
  if (ramp === undefined) return undefined
  const rungs = ramp.below.flatMap((identity) => {
    const record = results.find((result) => result?.cell.identity === identity)
    return (record && rungOf(record)) ?? []
  })
  return saturationOf(rungs, ramp).end
}
