import {
  type AnyModel,
  bounds,
  type Host,
  type Placement,
  placementName,
  type Protocol,
  type RunRecord,
  type Scenario,
  scenarioName,
} from "@rigbook/core"
import { quantile } from "@rigbook/records"
import type { Range } from "./GuessTime.ts"
import type { Known } from "./Known.ts"

/** How long a cell will take, loading included: `value`, between `low` and `high`, all in seconds. */
export interface ExpectedTime extends Range {
  /**
   * What it rests on: records of such cells; records of the same scenario with other models; or the work alone, which
   * makes it a guess.
   */
  readonly basis: "this cell" | "other models" | "work"
  /** How many records; 0 for a guess. */
  readonly records: number
  /** How it was arrived at, for people to check. */
  readonly formula: string
}

/** What of a cell determines its time. */
export interface TimedCell {
  /** Name of the config's file. */
  readonly config: string
  readonly backend: string
  readonly model: AnyModel
  readonly scenario: Scenario
  readonly protocol: Protocol
  readonly host: Host
  readonly placement: Placement
}

/**
 * How long a cell will take. By records of such cells (same config, backend, scenario, placement and host): the median of
 * the time for one trial, loading shared out between them, × the trials that are planned, at most. By records with other
 * models: the same × the ratio of their parameters; the range is half to twice that. Else as `guess` says. Pure.
 */
export const expectedTime = (
  records: ReadonlyArray<RunRecord>,
  planned: TimedCell,
  guess: (trials: number) => Known<Range & Pick<ExpectedTime, "formula">>,
): Known<ExpectedTime> => {
  const { config, model, protocol } = planned
  const trials = bounds(protocol.warmup).max + bounds(protocol.trials).max
  const alike = records.filter((record) => isAlike(record, planned))
  const own = alike.filter(({ cell }) => cell.config.id === config).flatMap(secondsPerTrial)
  if (own.length > 0) {
    const formula = `${count(own)} of such cells`
    return { value: { ...rangeOf(own, trials), basis: "this cell", records: own.length, formula } }
  }
  const scaled = alike.flatMap((record) => {
    const ratio = (model.parameters ?? Number.NaN) / (record.cell.model.parameters ?? Number.NaN)
    return ratio > 0 ? secondsPerTrial(record).map((seconds) => seconds * ratio) : []
  })
  if (scaled.length > 0) {
    const { high, low, value } = rangeOf(scaled, trials)
    const formula = `${count(scaled)} of this scenario with other models, scaled by parameters`
    return { value: { value, low: low / 2, high: high * 2, basis: "other models", records: scaled.length, formula } }
  }
  const guessed = guess(trials)
  return "absent" in guessed ? guessed : { value: { ...guessed.value, basis: "work", records: 0 } }
}

const isAlike = ({ cell, failure }: RunRecord, { backend, host, placement, scenario }: TimedCell): boolean =>
  failure === undefined &&
  cell.backend === backend &&
  scenarioName(cell.scenario) === scenarioName(scenario) &&
  placementName(cell.placement) === placementName(placement) &&
  cell.host.fingerprint === host.fingerprint

const secondsPerTrial = ({ finishedAt, samples, startedAt }: RunRecord): ReadonlyArray<number> => {
  const trials = samples.warmup + samples.measured
  return trials === 0 ? [] : [(Date.parse(finishedAt) - Date.parse(startedAt)) / 1000 / trials]
}

const rangeOf = (perTrial: ReadonlyArray<number>, trials: number): Range => {
  const sorted = perTrial.map((seconds) => seconds * trials).toSorted((a, b) => a - b)
  return { value: quantile(sorted, 0.5), low: sorted[0]!, high: sorted.at(-1)! }
}

const count = (records: ReadonlyArray<unknown>): string =>
  records.length === 1 ? "one record" : `${records.length} records`
