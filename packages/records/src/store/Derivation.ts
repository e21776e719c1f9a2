import { type Metric, type MetricValue, type RunRecord } from "@rigbook/core"
import { METRICS, metricsOfCell } from "../metrics/Metrics.ts"

/**
 * The version of the rules that derive records. Increment it if the same journal gives another record: another verdict
 * (its words too), another summary, another value of a metric. A new or redefined metric does not count: records show
 * that by themselves. A golden test fails if this was forgotten. 2: the words of verdicts and of missing values.
 * 3: a verified placement has a witness. 4: short answers make a run suspect, and withhold the figures that depend on
 * their length.
 */
export const DERIVATION: number = 4

/** Whether rules of this version withhold the figures that depend on the length of answers. */
export const withholdsShort = (rules: number): boolean => rules >= 4

/** Why a record is not what this program would make of its journal. */
export type Staleness = "older rules" | "newer rules" | "other metrics"

/**
 * Whether a record was derived with other rules than this program's, or without one of `metrics` or with another
 * definition of it. `undefined` for one that is up to date. A metric that is not installed here makes no record stale.
 * Pure.
 */
export const staleness = (
  { cell, derivation = 1, values }: RunRecord,
  metrics: ReadonlyArray<Metric> = METRICS,
): Staleness | undefined => {
  if (derivation !== DERIVATION) return derivation < DERIVATION ? "older rules" : "newer rules"
  const known = new Map(values.map((value) => [value.metric, value]))
  const isKnown = (metric: Metric): boolean => {
    const value = known.get(metric.id)
    return value !== undefined && isSameFigure(value, metric) && value.title === metric.title
  }
  return metricsOfCell(cell, metrics).every(isKnown) ? undefined : "other metrics"
}

/** Whether two figures of one metric mean the same, so that they can be compared. */
export const isSameFigure = (
  one: Pick<MetricValue, "better" | "definition" | "unit">,
  other: Pick<MetricValue, "better" | "definition" | "unit">,
): boolean => one.definition === other.definition && one.unit === other.unit && one.better === other.better

/**
 * A record's values of metrics that can't be derived here: of a plugin that is not installed, or of another version.
 */
export const foreignValues = ({ values }: RunRecord, metrics: ReadonlyArray<Metric>): ReadonlyArray<MetricValue> =>
  values.filter(({ metric }) => !metrics.some(({ id }) => id === metric))
