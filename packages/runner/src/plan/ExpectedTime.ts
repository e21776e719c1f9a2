import {
  absent,
  bounds,
  type Host,
  type Measured,
  measured,
  type Placement,
  placementName,
  type Protocol,
  type RunRecord,
  type Scenario,
  scenarioName,
} from "@rigbook/core"
import { quantile } from "@rigbook/records"

/** What of a cell determines its time. */
export interface TimedCell {
  /** Name of the config's file. */
  readonly config: string
  readonly backend: string
  readonly scenario: Scenario
  readonly protocol: Protocol
  readonly host: Host
  readonly placement: Placement | undefined
}

/**
 * Seconds that a cell will take: the median, over whole records of like cells, of the time for one trial (loading
 * shared out between them) × the trials that are planned, at most. Like cells have the same config, backend, scenario,
 * placement and host.
 */
export const expectedSeconds = (records: ReadonlyArray<RunRecord>, planned: TimedCell): Measured => {
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
    ? absent("no such cell has been measured on this host yet")
    : measured(
        quantile(
          seconds.toSorted((a, b) => a - b),
          0.5,
        ),
      )
}
