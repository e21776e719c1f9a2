import { Summary } from "@rigbook/core"
import type { Interval } from "./Interval.ts"
import { meanInterval } from "./MeanInterval.ts"
import { quantile } from "./Quantile.ts"
import { coefficientOfVariation, meanOf, medianAbsoluteDeviation } from "./Spread.ts"

export { quantile }

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
