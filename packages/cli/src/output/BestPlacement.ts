import { placementName, type RunRecord, scenarioName } from "@rigbook/core"
import { type PlacementGroup, placementScaling } from "@rigbook/reporters"
import { figure } from "./Figures.ts"

/** A line for each sweep over placements: which is fastest, and how much faster than the one they are compared with. */
export const bestPlacements = (records: ReadonlyArray<RunRecord>): ReadonlyArray<string> =>
  placementScaling(records).map((group) => {
    const { backend, config, scenario } = group.base.cell
    return `best placement of ${[config.id, backend, scenarioName(scenario)].join(" · ")}: ${verdict(group)}`
  })

const verdict = ({ base, best, points }: PlacementGroup): string => {
  const name = placementName(best.record.cell.placement)
  if (best.record !== base && best.compared !== undefined)
    return `${name} (${times(best.compared.ratio)} ${placementName(base.cell.placement)}, ${best.compared.judgement})`
  const others = points.flatMap(({ compared, record }) =>
    record === base || compared === undefined
      ? []
      : [`${placementName(record.cell.placement)} ${times(compared.ratio)}`],
  )
  return `${name} (${others.join("; ")})`
}

const times = (ratio: number): string => `${figure(ratio)} ×`
