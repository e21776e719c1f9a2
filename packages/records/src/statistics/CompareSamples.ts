import type { PairedDifference } from "./Bootstrap.ts"
import { hodgesLehmann } from "./HodgesLehmann.ts"
import { holm } from "./Holm.ts"
import { mannWhitney, smallestP } from "./MannWhitney.ts"
import { minimumDetectableEffect } from "./MinimumDetectableEffect.ts"
import { median } from "./Quantile.ts"

/** When two samples differ. */
export const DIFFERS = {
  /** Below this adjusted p-value: a probability. */
  level: 0.05,
  /** A change below this share of the median is ignored, however certain. */
  threshold: 0.02,
} as const

/** The result of comparing two samples. */
export type Word = "better" | "worse" | "no difference found" | "too few trials to tell"

/** Two samples of one figure in one unit. */
export interface Samples {
  readonly a: ReadonlyArray<number>
  readonly b: ReadonlyArray<number>
  readonly better: "lower" | "higher"
  /** Where they are compared query by query instead. */
  readonly paired?: PairedDifference
}

/** How two samples differ. Shares are of the median of `a`; an `estimate` is between `low` and `high`. */
export interface Difference {
  /** The Hodges–Lehmann shift from `a` to `b` with its 95 % interval where there is one, or the paired difference. */
  readonly shift: { readonly estimate: number; readonly low?: number; readonly high?: number }
  /** The same as a share; left out when the median of `a` is zero. */
  readonly change?: Difference["shift"]
  /** Mann–Whitney, or the paired bootstrap: a two-sided probability, 0 to 1. */
  readonly p: number
  /** Holm's, over all of the tests; 0 to 1. */
  readonly pAdjusted: number
  /** The smallest change that is detected in four of five repetitions, as a share; left out if there is none. */
  readonly detectable?: number
  readonly word: Word
}

/**
 * Compares samples, all of one question: a pair differs if the Mann–Whitney test says so at 5 % after Holm's correction
 * over all of them, and it changed by the threshold or more. `count`: how many comparisons there were, where these are the
 * nearest of more. Source: ours, of the tests that are named; each has its own. Pure.
 */
export const compareSamples = (
  tests: ReadonlyArray<Samples>,
  threshold: number = DIFFERS.threshold,
  count: number = tests.length,
): ReadonlyArray<Difference> => {
  const measured = tests.map(({ a, b, paired }) => paired?.p ?? mannWhitney(a, b).p)
  const others = Array.from({ length: count - tests.length }, () => 1)
  const adjusted = holm([...measured, ...others])
  return tests.map((test, at) => differenceOf(test, measured[at]!, adjusted[at]!, count, threshold))
}

const differenceOf = (
  { a, b, better, paired }: Samples,
  p: number,
  pAdjusted: number,
  tests: number,
  threshold: number,
): Difference => {
  const shift = paired === undefined ? shiftOf(a, b) : { estimate: paired.estimate, low: paired.low, high: paired.high }
  const { estimate } = shift
  const centre = median(a)
  const scaled = Object.entries(shift).map(([key, value]) => [key, value / Math.abs(centre)] as const)
  const change = centre === 0 ? undefined : (Object.fromEntries(scaled) as typeof shift)
  // The first step of Holm's method is the strictest: a single difference has to pass it.
  const detectable = paired === undefined ? minimumDetectableEffect(a, b, DIFFERS.level / tests) : undefined
  const smallest = paired?.smallestP ?? smallestP(a.length, b.length)
  const large = change === undefined ? estimate !== 0 : Math.abs(change.estimate) >= threshold
  return {
    shift,
    ...(change === undefined ? {} : { change }),
    p,
    pAdjusted,
    ...(detectable === undefined ? {} : { detectable }),
    word:
      smallest * tests > DIFFERS.level
        ? "too few trials to tell"
        : pAdjusted >= DIFFERS.level || !large
          ? "no difference found"
          : estimate > 0 === (better === "higher")
            ? "better"
            : "worse",
  }
}

const shiftOf = (a: ReadonlyArray<number>, b: ReadonlyArray<number>): Difference["shift"] => {
  const { estimate, interval } = hodgesLehmann(a, b)
  return { estimate, ...(interval === undefined ? {} : { low: interval.low, high: interval.high }) }
}
