import { type Metric, type MetricValue, RunRecord, VERSION } from "@rigbook/core"
import { METRICS } from "../metrics/Metrics.ts"
import { isSameFigure } from "../store/Derivation.ts"

/**
 * What a record must contain, given what its journal gives now. If both use the same rules, everything; if
 * not, what the journal says literally, and figures whose definition is unchanged: the verdict, and what
 * was concluded of devices and estimates, are left to the record's own rules. Values of metrics that are not among
 * `metrics` can't be derived here and stay unchanged. Pure.
 */
export const expectedRecord = (
  record: RunRecord,
  derived: RunRecord,
  { metrics, sameRules }: { readonly metrics: ReadonlyArray<Metric>; readonly sameRules: boolean },
): RunRecord => {
  const values = record.values.flatMap((value): ReadonlyArray<MetricValue> => {
    const now = derived.values.find(({ metric }) => metric === value.metric)
    if (now === undefined) return sameRules && metrics.some(({ id }) => id === value.metric) ? [] : [value]
    if (isOfThisVersion(record, value.metric)) return [sameRules || figuresOf(value) !== figuresOf(now) ? now : value]
    if (!isSameFigure(value, now) || (!sameRules && figuresOf(value) === figuresOf(now))) return [value]
    return [{ ...now, title: value.title }]
  })
  const samples = { ...derived.samples, sha256: record.samples.sha256 }
  // oxlint-disable-next-line typescript/no-misused-spread -- its fields make another one.
  if (sameRules) return new RunRecord({ ...derived, samples, values })
  const { derivation, estimates, observed, verdict } = record
  // oxlint-disable-next-line typescript/no-misused-spread -- the same.
  const { derivation: _, estimates: __, ...facts } = { ...derived }
  return new RunRecord({
    ...facts,
    ...(derivation === undefined ? {} : { derivation }),
    ...(estimates === undefined ? {} : { estimates }),
    samples,
    values,
    observed,
    verdict,
  })
}

/**
 * A record of another version has the metrics of that version; one of this version must have all of Rigbook's. A
 * plugin's metrics are there if it was installed then.
 */
export const metricsOf = (record: RunRecord, metrics: ReadonlyArray<Metric>): ReadonlyArray<Metric> =>
  metrics.filter(({ id }) => isOfThisVersion(record, id) || has(record, id))

/** The metrics with the options that their values in the record were made with, whatever they have now. Pure. */
export const asRecorded = ({ values }: RunRecord, metrics: ReadonlyArray<Metric>): ReadonlyArray<Metric> =>
  metrics.map((metric) => {
    const value = values.find((one) => one.metric === metric.id)
    if (value === undefined || metric.withOptions === undefined) return metric
    try {
      return metric.withOptions(value.options ?? {})
    } catch {
      return metric // options of another version of it: its definition is another one, too
    }
  })

/** Metrics of Rigbook's that a record of this same version does not have: removed since, or new in this checkout. */
export const missingMetrics = (record: RunRecord, derived: RunRecord): ReadonlyArray<string> =>
  derived.values.map(({ metric }) => metric).filter((id) => !has(record, id))

const has = ({ values }: RunRecord, id: string): boolean => values.some(({ metric }) => metric === id)

/** A record derived by this same version has all of Rigbook's metrics, as they are defined here. */
const isOfThisVersion = ({ environment }: RunRecord, metric: string): boolean =>
  environment.rigbook === VERSION && METRICS.some(({ id }) => id === metric)

/** What no rules change while the definition stays the same: each trial's figure, and order statistics of them. */
export const figuresOf = ({ result }: MetricValue): string => {
  if ("absent" in result) return "absent"
  const { max, median, min, n } = result.summary
  return JSON.stringify([result.trials, n, median, min, max])
}
