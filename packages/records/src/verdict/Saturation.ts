import { loadOf, medianOf, type RunRecord } from "@rigbook/core"
import { metricOf } from "../metrics/Roles.ts"
import { knee, KNEE_GAIN } from "../statistics/Knee.ts"

/** Share (0 to 1) of the requests of a load that have to meet its objectives. */
export const GOOD_SHARE = 0.99

/** One rung of a ladder: cells that differ only in how much they request at once. */
export interface Rung {
  /** Streams, requests a second, or documents of a forward pass. */
  readonly load: number
  /** Output tokens or documents a second; left out if none was measured, or the run is invalid. */
  readonly throughput?: number
  /** Share (0 to 1) of the requests that met the objectives; left out if there are none. */
  readonly good?: number
}

/** The result of a ladder. Loads are streams, requests a second, or documents of a forward pass, as its rungs are. */
export interface Saturation {
  /**
   * The last load (streams, requests a second, or documents) that raises the throughput; left out while it still grows.
   */
  readonly knee?: number
  /**
   * The largest load (streams, or requests a second) that meets the objectives, as all below it do; left out where
   * there are no objectives, or no load meets them.
   */
  readonly largestGood?: number
  /** Why a higher load is not useful; left out while it may be. */
  readonly end?: string
}

/** When a ladder counts as saturated. */
export interface SaturationRule {
  /**
   * The least share (0 to 1) by which a rung's throughput has to be above that of the one before; `KNEE_GAIN` if left
   * out.
   */
  readonly gain?: number
  /** The least share (0 to 1) of the requests that have to meet the objectives; `GOOD_SHARE` if left out. */
  readonly good?: number
}

/** A record as the rung of a ladder; `undefined` for a scenario that is none. */
export const rungOf = (record: RunRecord): Rung | undefined => {
  const load = loadOf(record.cell.scenario)
  if (load === undefined) return undefined
  const valid = record.verdict.status !== "invalid"
  const throughput = valid ? medianOf(record, metricOf("throughput", record.cell.task).id) : undefined
  const good = valid ? medianOf(record, "good_share") : undefined
  return {
    load,
    ...(throughput === undefined ? {} : { throughput }),
    ...(good === undefined ? {} : { good: good / 100 }),
  }
}

/** Judges the rungs of a ladder by their load; those without a throughput end it. Pure. */
export const saturationOf = (
  rungs: ReadonlyArray<Rung>,
  { gain = KNEE_GAIN, good: wanted = GOOD_SHARE }: SaturationRule = {},
): Saturation => {
  const inOrder = rungs.toSorted((a, b) => a.load - b.load)
  const unmeasured = inOrder.findIndex(({ throughput }) => throughput === undefined)
  const measured = unmeasured < 0 ? inOrder : inOrder.slice(0, unmeasured)
  const bent = knee(
    measured.flatMap(({ throughput }) => throughput ?? []),
    gain,
  )
  const missed = measured.findIndex(({ good = 1 }) => good < wanted)
  const meeting = (missed < 0 ? measured : measured.slice(0, missed)).filter(({ good }) => good !== undefined).at(-1)
  const ends = [
    ...(bent === undefined
      ? []
      : [{ at: bent + 1, why: `the throughput grew by less than ${percent(gain)} from ${measured[bent]!.load}` }]),
    ...(missed < 0
      ? []
      : [{ at: missed, why: `${percent(measured[missed]!.good!)} of the requests met the objectives` }]),
    ...(unmeasured < 0 ? [] : [{ at: unmeasured, why: "the run is invalid, or has no throughput" }]),
  ].toSorted((a, b) => a.at - b.at)
  return {
    ...(bent === undefined ? {} : { knee: measured[bent]!.load }),
    ...(meeting === undefined ? {} : { largestGood: meeting.load }),
    ...(ends[0] === undefined ? {} : { end: `at ${inOrder[ends[0].at]!.load}, ${ends[0].why}` }),
  }
}

const percent = (share: number): string => `${Number((100 * share).toPrecision(3))} %`
