import { tQuantile } from "./Distributions.ts"
import { attainedLevel } from "./MannWhitney.ts"
import { coefficientOfVariation } from "./Spread.ts"

/** What the Mann–Whitney test loses against the t-test where values are normal: its efficiency is 3/π. */
const EFFICIENCY = 3 / Math.PI

/**
 * The smallest change, as a share of the mean, that a Mann–Whitney test of these values at `level` finds in four of
 * five repetitions: (t(1 − α/2; ν) + t(0.8; ν)) · √((CVa²/n + CVb²/m) / (3/π)), with ν = n + m − 2 and α the level that
 * this many values can keep. `undefined` if there are too few to detect any change. Source: Cohen, Statistical Power
 * Analysis, §2; Lehmann, Nonparametrics, §2.4.
 */
export const minimumDetectableEffect = (
  a: ReadonlyArray<number>,
  b: ReadonlyArray<number>,
  level = 0.05,
): number | undefined => {
  const [cvA, cvB] = [coefficientOfVariation(a), coefficientOfVariation(b)]
  const alpha = attainedLevel(a.length, b.length, level)
  if (cvA === undefined || cvB === undefined || alpha === undefined) return undefined
  const freedom = a.length + b.length - 2
  return (
    (tQuantile(1 - alpha / 2, freedom) + tQuantile(0.8, freedom)) *
    Math.sqrt((cvA ** 2 / a.length + cvB ** 2 / b.length) / EFFICIENCY)
  )
}
