import { absent, type Measured, measured } from "@rigbook/core"
import { quantile } from "./Quantile.ts"

/**
 * The fewest values whose largest one lies above the `q` quantile with 95 % probability: 1 − qⁿ ≥ 0.95. That is 59 for
 * the 95th percentile and 299 for the 99th; with fewer, only the largest value is known of the tail.
 * Source: Hahn and Meeker, Statistical Intervals, ch. 5.
 */
export const valuesNeeded = (q: number): number => Math.ceil(Math.log(0.05) / Math.log(q))

/**
 * The `q` quantile (0.5 to 1) of values in ascending order, in their unit, or the reason why there are too few for it.
 */
export const percentile = (sorted: ArrayLike<number>, q: number): Measured => {
  const needed = valuesNeeded(q)
  return sorted.length < needed
    ? absent(`the ${100 * q}th percentile needs ${needed} values, there are ${sorted.length}`)
    : measured(quantile(sorted, q))
}
