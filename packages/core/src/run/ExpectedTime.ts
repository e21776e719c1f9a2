import type { Protocol } from "../config/ModelConfig.ts"
import { bounds } from "../config/Repetition.ts"
import type { Host } from "../host/Host.ts"
import { absent, type Measured, measured } from "../Measured.ts"
import { type Placement, placementName } from "../placement/Placement.ts"
import { quantile } from "../statistics/Summary.ts"
import { type Scenario, scenarioName } from "../workload/Scenario.ts"
import type { RunRecord } from "./RunRecord.ts"

/** A cell as far as its time can be foretold by it. */
export interface PlannedCell {
  /** Name of the config's file. */
  readonly config: string
  readonly backend: string
  readonly scenario: Scenario
  readonly protocol: Protocol
  readonly host: Host
  readonly placement: Placement | undefined
}

/**
 * Seconds that a cell will take: the median, over whole records of like cells, of the time for one trial (loading shared
 * out between them) × the trials that are planned, at most. Like cells have the same config, backend, scenario, placement and host.
 */
export const expectedSeconds = (records: ReadonlyArray<RunRecord>, planned: PlannedCell): Measured => {
  const { backend, config, host, placement, protocol, scenario } = planned
  if (placement === undefined) return absent("no placement is possible")
  const like = records.filter(
    ({ cell, failure }) =>
      failure === undefined &&
      cell.config.id === config &&
      cell.backend === backend &&
      scenarioName(cell.scenario) === scenarioName(scenario) &&
      placementName(cell.placement) === placementName(placement) &&
      cell.host.fingerprint === host.fingerprint,
  )
  const wanted = bounds(protocol.warmup).max + bounds(protocol.trials).max
  const seconds = like.flatMap(({ finishedAt, samples, startedAt }) => {
    const trials = samples.warmup + samples.measured
    return trials === 0 ? [] : [((Date.parse(finishedAt) - Date.parse(startedAt)) / 1000) * (wanted / trials)]
  })
  return seconds.length === 0
    ? absent("such a cell was not measured on this host yet")
    : measured(
        quantile(
          seconds.toSorted((a, b) => a - b),
          0.5,
        ),
      )
}
