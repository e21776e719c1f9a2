import type { RunRecord } from "@rigbook/core"
import { metricOf } from "@rigbook/records"
import { type Compared, comparable, compare, conditions } from "./Scaling.ts"
import { inTime } from "./order.ts"

/** Runs that differ only in the placement, in the order in which they were measured. */
export interface PlacementGroup {
  readonly metric: string
  /** The first one completely on a single device, else the first: the others are relative to it. */
  readonly base: RunRecord
  /** The one with the highest median. */
  readonly best: Compared
  readonly points: ReadonlyArray<Compared>
}

/** Speed by placement. A group needs two placements with a figure. */
export const placementScaling = (records: ReadonlyArray<RunRecord>): ReadonlyArray<PlacementGroup> =>
  [...Map.groupBy(inTime(records), sameButPlacement).values()].flatMap((group) => {
    const metric = metricOf("speed", group[0]!.cell.task).id
    const measured = group.filter((record) => comparable(record, metric) !== undefined)
    const base =
      measured.find(({ cell: { placement } }) => placement.devices.length === 1 && placement.degree === undefined) ??
      measured[0]
    if (base === undefined || measured.length < 2) return []
    const points = group.map((record): Compared => ({ record, ...compare(base, record, metric) }))
    const best = points.reduce((most, point) => (ratioOf(point) > ratioOf(most) ? point : most))
    return [{ metric, base, best, points }]
  })

const ratioOf = ({ compared }: Compared): number => compared?.ratio ?? -Infinity

/** Everything that must be equal for a difference to come from the placement alone. */
const sameButPlacement = (record: RunRecord): string => JSON.stringify([conditions(record), record.cell.scenario])
