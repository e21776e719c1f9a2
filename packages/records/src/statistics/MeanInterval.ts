import { tQuantile } from "./Distributions.ts"
import type { Interval } from "./Interval.ts"
import { meanOf, standardDeviation } from "./Spread.ts"

/**
 * The interval of the mean: mean ± t(1 − α/2; n − 1) · s / √n. `undefined` for less than two values. It assumes values
 * that are about normal, which the median's interval does not. Source: Student, Biometrika 6 (1908) 1.
 */
export const meanInterval = (values: ReadonlyArray<number>, confidence = 0.95): Interval | undefined => {
  const deviation = standardDeviation(values)
  if (deviation === undefined) return undefined
  const mean = meanOf(values)
  const half =
    deviation === 0 ? 0 : (tQuantile((1 + confidence) / 2, values.length - 1) * deviation) / Math.sqrt(values.length)
  return { low: mean - half, high: mean + half, confidence }
}
