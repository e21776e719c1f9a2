import { isLoad, type Metric, type MetricValue, type RunRecord } from "@rigbook/core"
import { METRICS, metricsFor } from "../metrics/Metrics.ts"

/**
 * The rules that records are derived by. Counted up when the same journal gives another record: another verdict, another
 * summary, another value of a metric. A metric that is added or defined anew does not count: records tell that by
 * themselves. A golden test fails where it was forgotten.
 */
export const DERIVATION: number = 2

/** Why a record is not what this program would make of its journal. */
export type Staleness = "older rules" | "newer rules" | "other metrics"

/**
 * Whether a record was derived by other rules than this program's, or without one of `metrics` or with another definition
 * of it. `undefined` for one that is up to date. A metric that nobody here has makes no record stale. Pure.
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
  return metricsFor(cell.task, metrics, isLoad(cell.scenario)).every(isKnown) ? undefined : "other metrics"
}

/** Whether two figures of one metric mean the same, so that they can be held against each other. */
export const isSameFigure = (
  one: Pick<MetricValue, "better" | "definition" | "unit">,
  other: Pick<MetricValue, "better" | "definition" | "unit">,
): boolean => one.definition === other.definition && one.unit === other.unit && one.better === other.better

/** A record's values of metrics that nobody here can derive: of a plugin that is not installed, or of another version. */
export const foreignValues = ({ values }: RunRecord, metrics: ReadonlyArray<Metric>): ReadonlyArray<MetricValue> =>
  values.filter(({ metric }) => !metrics.some(({ id }) => id === metric))
