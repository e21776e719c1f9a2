import { normalQuantile } from "./Distributions.ts"
import type { Interval } from "./Interval.ts"
import { canBeExact, uDistribution } from "./MannWhitney.ts"
import { median } from "./Quantile.ts"

/** How far two samples lie apart. */
export interface Shift {
  /** By how much `b` lies above `a`, in the unit of the values. */
  readonly estimate: number
  /** Left out where there are too few values for the confidence, three against three for 95 %. */
  readonly interval?: Interval
}

/**
 * The Hodges–Lehmann shift from `a` to `b`, the median of all differences of a value of `b` and one of `a`, and its
 * interval of `confidence`, from 0 to 1: the differences that the Mann–Whitney test does not reject. Source: Hollander
 * and Wolfe, Nonparametric Statistical Methods, §4.3.
 */
export const hodgesLehmann = (a: ReadonlyArray<number>, b: ReadonlyArray<number>, confidence = 0.95): Shift => {
  const differences = a.flatMap((x) => b.map((y) => y - x)).toSorted((first, second) => first - second)
  const estimate = median(differences)
  const cut = cutOff(a.length, b.length, confidence)
  if (cut === undefined) return { estimate }
  const { k, covered } = cut
  return {
    estimate,
    interval: { low: differences[k - 1]!, high: differences[differences.length - k]!, confidence: covered },
  }
}

/** The largest k for which the differences from the k-th smallest to the k-th largest cover the shift often enough. */
const cutOff = (n: number, m: number, confidence: number) => {
  const tail = (1 - confidence) / 2
  if (!canBeExact(n, m)) {
    const deviation = Math.sqrt((n * m * (n + m + 1)) / 12)
    return { k: Math.floor((n * m) / 2 + normalQuantile(tail) * deviation), covered: confidence }
  }
  const below = uDistribution(n, m)
  let k = 0
  while (below(k) <= tail) k++
  return k === 0 ? undefined : { k, covered: 1 - 2 * below(k - 1) }
}
