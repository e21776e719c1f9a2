import { seeded, type Units } from "@rigbook/core"
import type { Interval } from "./Interval.ts"
import { quantile } from "./Quantile.ts"

/** Enough for the second digit of an interval's end to stand. */
const DRAWS = 10_000
const CONFIDENCE = 0.95

/**
 * The 95 % percentile interval of a figure, drawn again from as many of its queries or pairs, with repetition. The same
 * figures give the same interval. `undefined` where no draw has a figure. Source: Efron and Tibshirani, An Introduction to
 * the Bootstrap, §13.3.
 */
export const bootstrap = ({ count, figure }: Units): Interval | undefined => intervalOf(drawn(count, figure))

/** The difference of two figures of the same queries: `p` is two-sided, a probability. */
export interface PairedDifference extends Interval {
  readonly estimate: number
  readonly p: number
  /** The smallest that `p` can come to with so many draws. */
  readonly smallestP: number
}

/**
 * How much the figure of `b` is above that of `a`, which is of the same queries or pairs in the same order: each draw
 * takes the same of both. `undefined` where the two are not of as many, or no draw has both figures. Source: as of
 * `bootstrap`; `p` is twice the share of draws on the rarer side of zero (one more of each, so that it is never zero).
 */
export const pairedBootstrap = (a: Units, b: Units): PairedDifference | undefined => {
  if (a.count !== b.count) return undefined
  const differences = drawn(a.count, (times) => b.figure(times) - a.figure(times))
  const interval = intervalOf(differences)
  if (interval === undefined) return undefined
  const once = new Uint32Array(a.count).fill(1)
  const sides = [differences.filter((one) => one <= 0), differences.filter((one) => one >= 0)]
  const least = Math.min(...sides.map(({ length }) => length))
  return {
    ...interval,
    estimate: b.figure(once) - a.figure(once),
    p: Math.min(1, (2 * (least + 1)) / (differences.length + 1)),
    smallestP: 2 / (differences.length + 1),
  }
}

const drawn = (count: number, figure: Units["figure"]): Float64Array => {
  const draw = seeded(`bootstrap ${count}`)
  const times = new Uint32Array(count)
  return Float64Array.from({ length: DRAWS }, () => {
    times.fill(0)
    for (let n = 0; n < count; n++) times[Math.floor(draw() * count)]!++
    return figure(times)
  })
    .filter(Number.isFinite)
    .sort()
}

const intervalOf = (sorted: Float64Array): Interval | undefined =>
  sorted.length === 0
    ? undefined
    : {
        low: quantile(sorted, (1 - CONFIDENCE) / 2),
        high: quantile(sorted, (1 + CONFIDENCE) / 2),
        confidence: CONFIDENCE,
      }
