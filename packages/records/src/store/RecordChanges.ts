import { canonicalJson, type Measured, type MetricValue, type RunRecord } from "@rigbook/core"

/** A figure of a record, `before` and `after` it was derived again, both in `unit`; left out if it did not exist. */
export interface FigureChange {
  readonly metric: string
  readonly unit: string
  readonly before?: Measured
  readonly after?: Measured
}

/** What differs between a record and the same one derived again. */
export interface RecordChanges {
  readonly figures: ReadonlyArray<FigureChange>
  /** Where the verdict or a reason of it differs. */
  readonly verdict?: { readonly before: RunRecord["verdict"]; readonly after: RunRecord["verdict"] }
  /** Other parts of the record that differ, by their keys. */
  readonly parts: ReadonlyArray<string>
}

/** Pure. A figure also counts as changed where only its trials, its interval or its definition did. */
export const changesBetween = (before: RunRecord, after: RunRecord): RecordChanges => {
  const [old, now] = [byMetric(before), byMetric(after)]
  const figures = [...new Set([...now.keys(), ...old.keys()])].flatMap((metric): ReadonlyArray<FigureChange> => {
    const [was, is] = [old.get(metric), now.get(metric)]
    if (isEqual(was, is)) return []
    const { unit } = is ?? was!
    return [
      {
        metric,
        unit,
        ...(was === undefined ? {} : { before: medianOf(was) }),
        ...(is === undefined ? {} : { after: medianOf(is) }),
      },
    ]
  })
  const [verdictBefore, verdictAfter] = [before.verdict, after.verdict]
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])] as ReadonlyArray<keyof RunRecord>
  return {
    figures,
    ...(isEqual(verdictBefore, verdictAfter) ? {} : { verdict: { before: verdictBefore, after: verdictAfter } }),
    parts: keys.filter((key) => key !== "values" && key !== "verdict" && !isEqual(before[key], after[key])),
  }
}

const byMetric = ({ values }: RunRecord): ReadonlyMap<string, MetricValue> =>
  new Map(values.map((value) => [value.metric, value]))

const medianOf = ({ result }: MetricValue): Measured =>
  "absent" in result ? { absent: result.absent } : { value: result.summary.median }

const isEqual = (one: unknown, other: unknown): boolean => canonicalJson(one) === canonicalJson(other)
