import { normalCdf } from "./Distributions.ts"
import { median } from "./Quantile.ts"

/** How values go up or down over their index. */
export interface Trend {
  /** Change from one value to the next: the median of the slopes of all pairs (Theil–Sen). */
  readonly slope: number
  /** Kendall's τ-b between index and value: 1 for values that only grow. */
  readonly tau: number
  /** Two-sided, of Kendall's test: the chance of so much order in values without any. */
  readonly p: number
}

/**
 * The trend of a series. `undefined` below three values. Sources: P. K. Sen, JASA 63 (1968) 1379; M. G. Kendall,
 * Rank Correlation Methods, 4th edition, ch. 4 and 5. Exact without ties, else the normal approximation with Kendall's
 * correction for ties and for continuity.
 */
export const trendOf = (values: ReadonlyArray<number>): Trend | undefined => {
  const n = values.length
  if (n < 3) return undefined
  const slopes: Array<number> = []
  let score = 0
  for (let i = 0; i < n; i++)
    for (let j = i + 1; j < n; j++) {
      slopes.push((values[j]! - values[i]!) / (j - i))
      score += Math.sign(values[j]! - values[i]!)
    }
  const ties = [...Map.groupBy(values, (value) => value).values()].map(({ length }) => length).filter((t) => t > 1)
  const pairs = (n * (n - 1)) / 2
  const untied = pairs - ties.reduce((sum, t) => sum + (t * (t - 1)) / 2, 0)
  return {
    slope: median(slopes),
    tau: untied === 0 ? 0 : score / Math.sqrt(pairs * untied),
    p: ties.length === 0 ? exactP(n, (pairs - Math.abs(score)) / 2) : normalP(n, score, ties),
  }
}

/** P(as few inversions as `inversions`, or as many on the other side) of all orders of n values. */
const exactP = (n: number, inversions: number): number => {
  // Shares of the orders of k values that have 0, 1, 2, … inversions, from those of k − 1 values.
  let shares = [1]
  for (let k = 2; k <= n; k++) {
    const next: Array<number> = []
    let window = 0
    for (let i = 0; i <= (k * (k - 1)) / 2; i++) {
      window += shares[i] ?? 0
      if (i >= k) window -= shares[i - k] ?? 0
      next.push(window / k)
    }
    shares = next
  }
  const tail = shares.slice(0, inversions + 1).reduce((sum, share) => sum + share, 0)
  return Math.min(1, 2 * tail)
}

const normalP = (n: number, score: number, ties: ReadonlyArray<number>): number => {
  const part = (t: number): number => t * (t - 1) * (2 * t + 5)
  const variance = (part(n) - ties.reduce((sum, t) => sum + part(t), 0)) / 18
  if (variance <= 0) return 1
  return Math.min(1, 2 * normalCdf(-Math.max(0, Math.abs(score) - 1) / Math.sqrt(variance)))
}
