import { kindOf, loadOf, type RunRecord } from "@rigbook/core"
import { type Rung, rungOf, type Saturation, saturationOf } from "@rigbook/records"
import { conditions } from "./Scaling.ts"

/** A run of a ladder of loads. */
export interface LoadPoint extends Rung {
  readonly record: RunRecord
}

/** Runs that differ only in their streams or their rate, smallest first, and their saturation. */
export interface LoadGroup {
  /** What its numbers count: `streams`, `requests/s`. */
  readonly by: string
  readonly points: readonly [LoadPoint, LoadPoint, ...ReadonlyArray<LoadPoint>]
  /** For the points that have a throughput. */
  readonly saturation: Saturation
}

/** Ladders of loads, from a list or a ramp. A ladder needs two runs. */
export const loadScaling = (records: ReadonlyArray<RunRecord>): ReadonlyArray<LoadGroup> =>
  [...Map.groupBy(records, sameButLoad)].flatMap(([, group]) => {
    const points = group
      .flatMap((record) => {
        const rung = kindOf(record.cell.scenario).load ? rungOf(record) : undefined
        return rung === undefined ? [] : [{ record, ...rung }]
      })
      .toSorted((a, b) => a.load - b.load)
    const [first, second, ...rest] = points
    if (first === undefined || second === undefined) return []
    return [
      {
        by: kindOf(first.record.cell.scenario).raised!.unit,
        points: [first, second, ...rest],
        saturation: saturationOf(points.filter(({ throughput }) => throughput !== undefined)),
      } satisfies LoadGroup,
    ]
  })

/** Everything that must be equal for a difference to come from the load alone. */
const sameButLoad = (record: RunRecord): string => {
  const { placement, scenario } = record.cell
  if (loadOf(scenario) === undefined) return record.id
  const rest = Object.entries(scenario).filter(([key]) => key !== kindOf(scenario).raised?.field)
  return JSON.stringify([conditions(record), placement, Object.fromEntries(rest)])
}
