import { Schema } from "effect"
import type { Interval } from "./Interval.ts"
import { meanInterval } from "./MeanInterval.ts"
import { quantile } from "./Quantile.ts"
import { coefficientOfVariation, meanOf, medianAbsoluteDeviation } from "./Spread.ts"

export { quantile }

/**
 * What a cell's measured trials amount to: one number a trial, summarised. All are in the metric's unit (`median`,
 * `mean`, `min`, `max`, `low`, `high`, `meanLow`, `meanHigh`, `mad`) but `n`, `cv` and `confidence`, a share.
 *
 * `low` and `high` are order statistics of the trials and hold the true median with at least
 * `confidence`; they are left out below six trials, where no pair reaches 95 %.
 */
export const Summary = Schema.Struct({
  n: Schema.Int,
  median: Schema.Finite,
  mean: Schema.Finite,
  min: Schema.Finite,
  max: Schema.Finite,
  low: Schema.optionalKey(Schema.Finite),
  high: Schema.optionalKey(Schema.Finite),
  confidence: Schema.optionalKey(Schema.Finite),
  /** The mean's interval by Student's t, with 95 % confidence. Left out for a single trial. */
  meanLow: Schema.optionalKey(Schema.Finite),
  meanHigh: Schema.optionalKey(Schema.Finite),
  /** Median absolute deviation from the median, not scaled. */
  mad: Schema.optionalKey(Schema.Finite),
  /** Coefficient of variation: sample standard deviation / mean. Left out for a single trial. */
  cv: Schema.optionalKey(Schema.Finite),
}).annotate({ identifier: "Summary" })
export type Summary = typeof Summary.Type

/** Median, mean, their intervals and the spread of a sample of `values`. `undefined` for an empty one. */
export const summarize = (values: ReadonlyArray<number>): Summary | undefined => {
  const n = values.length
  if (n === 0) return undefined
  const sorted = values.toSorted((a, b) => a - b)
  const ofMean = meanInterval(values)
  const cv = coefficientOfVariation(values)
  return {
    n,
    median: quantile(sorted, 0.5),
    mean: meanOf(values),
    min: sorted[0]!,
    max: sorted[n - 1]!,
    ...medianInterval(sorted),
    ...(ofMean === undefined ? {} : { meanLow: ofMean.low, meanHigh: ofMean.high }),
    ...(n === 1 ? {} : { mad: medianAbsoluteDeviation(values) }),
    ...(cv === undefined ? {} : { cv }),
  }
}

/**
 * The narrowest symmetric pair of order statistics that holds the median with 95 % confidence or more.
 * The number of values below the true median is binomial(n, ½), so the pair (k, n+1−k) covers
 * 1 − 2·P(X < k). Source: Hahn and Meeker, Statistical Intervals, §5.2.
 */
const medianInterval = (sorted: ReadonlyArray<number>): Interval | undefined => {
  const n = sorted.length
  let log = -n * Math.LN2 // of P(X = k − 1); the probability itself would vanish for large n
  let below = 0 // P(X < k)
  let best: Interval | undefined
  for (let k = 1; k <= n / 2; k++) {
    below += Math.exp(log)
    log += Math.log((n - k + 1) / k)
    const confidence = Math.round((1 - 2 * below) * 1e12) / 1e12 // drops what the logarithm rounded
    if (confidence < 0.95) break
    best = { low: sorted[k - 1]!, high: sorted[n - k]!, confidence }
  }
  return best
}
