import { normalCdf } from "./Distributions.ts"

/** Above this many values on a side the normal distribution is close enough, and exact counting slow. */
const EXACT_UP_TO = 50

/** What the Mann–Whitney test says of two samples: `u`, and `p` from 0 to 1. */
export interface MannWhitney {
  /** Pairs in which the value of `b` is the larger one; ties count half. */
  readonly u: number
  /** Two-sided: how likely a `u` as far from its middle is, if both come from the same distribution. */
  readonly p: number
  readonly method: "exact" | "normal"
}

/**
 * The Mann–Whitney U test. Exact for up to 50 values a side without ties, else by the normal distribution with the
 * corrections for ties and continuity. It assumes nothing about the distribution, and a bad trial has little effect.
 * Sources: H. B. Mann and D. R. Whitney, Annals of Mathematical Statistics 18 (1947) 50; Hollander and Wolfe,
 * Nonparametric Statistical Methods, §4.1.
 */
export const mannWhitney = (a: ReadonlyArray<number>, b: ReadonlyArray<number>): MannWhitney => {
  const pairs = a.length * b.length
  const u = b.reduce((sum, y) => sum + a.reduce((wins, x) => wins + (y > x ? 1 : y === x ? 0.5 : 0), 0), 0)
  const ties = [...Map.groupBy([...a, ...b], (value) => value).values()].map(({ length }) => length)
  if (ties.every((count) => count === 1) && canBeExact(a.length, b.length)) {
    const p = 2 * uDistribution(a.length, b.length)(Math.min(u, pairs - u))
    return { u, p: Math.min(1, p), method: "exact" }
  }
  const n = a.length + b.length
  const tied = ties.reduce((sum, count) => sum + count ** 3 - count, 0)
  const deviation = Math.sqrt((pairs / 12) * (n + 1 - tied / (n * (n - 1))))
  const z = (Math.abs(u - pairs / 2) - 0.5) / deviation
  return { u, p: deviation > 0 ? Math.min(1, 2 * normalCdf(-z)) : 1, method: "normal" }
}

/** Whether `mannWhitney` counts all arrangements of `n` against `m` values without ties. */
export const canBeExact = (n: number, m: number): boolean => Math.max(n, m) <= EXACT_UP_TO

/**
 * The level that the test actually keeps for a nominal `level`: the largest p-value not above it that `n`
 * against `m` values can give. `undefined` if there is none: then no values would count as different.
 */
export const attainedLevel = (n: number, m: number, level: number): number | undefined => {
  if (!canBeExact(n, m)) return level
  const below = uDistribution(n, m)
  let u = 0
  while (2 * below(u) <= level) u++
  return u === 0 ? undefined : 2 * below(u - 1)
}

/** The smallest two-sided p-value that `n` against `m` values can give: all of one side above all of the other. */
export const smallestP = (n: number, m: number): number => Math.min(1, 2 * uDistribution(n, m)(0))

/**
 * P(U ≤ u) where both sides come from the same distribution. The number of arrangements with each U are the
 * coefficients of the Gaussian binomial coefficient, ∏ᵢ (1 − xᵐ⁺ⁱ) / (1 − xⁱ).
 */
export const uDistribution = (n: number, m: number): ((u: number) => number) => {
  const [few, many] = [Math.min(n, m), Math.max(n, m)]
  const counts = new Float64Array(n * m + 1)
  counts[0] = 1
  for (let i = 1; i <= few; i++) {
    for (let u = counts.length - 1; u >= many + i; u--) counts[u]! -= counts[u - many - i]!
    for (let u = i; u < counts.length; u++) counts[u]! += counts[u - i]!
  }
  for (let u = 1; u < counts.length; u++) counts[u]! += counts[u - 1]!
  const total = counts.at(-1)!
  return (u) => counts[Math.floor(u)]! / total
}
