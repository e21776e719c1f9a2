import { assert, describe, it } from "@effect/vitest"
import { normalCdf, normalQuantile, tQuantile } from "../../src/statistics/Distributions.ts"
import { hodgesLehmann } from "../../src/statistics/HodgesLehmann.ts"
import { mannWhitney } from "../../src/statistics/MannWhitney.ts"
import { meanInterval } from "../../src/statistics/MeanInterval.ts"
import { minimumDetectableEffect } from "../../src/statistics/MinimumDetectableEffect.ts"
import { coefficientOfVariation, meanOf, medianAbsoluteDeviation } from "../../src/statistics/Spread.ts"
import scipy from "./reference/scipy.json" with { type: "json" }

/** `n` values around 1 with this very coefficient of variation. */
const spread = (n: number, cv: number): ReadonlyArray<number> => {
  const steps = Array.from({ length: n }, (_, at) => 1 + (at - (n - 1) / 2) / n)
  return steps.map((step) => 1 + ((step - 1) * cv) / coefficientOfVariation(steps)!)
}

/** Agreement to so many significant digits. */
const agree = (found: number, expected: number, digits = 10): void =>
  assert.approximately(found, expected, Math.abs(expected) * 10 ** -digits + 1e-15, `${found} for ${expected}`)

describe(`statistics agree with SciPy ${scipy.scipy}`, () => {
  it("distributions", () => {
    for (const [p, freedom, value] of scipy.tQuantile) agree(tQuantile(p!, freedom!), value!, 6)
    for (const [z, value] of scipy.normalCdf) assert.approximately(normalCdf(z!), value!, 1e-14)
    for (const [p, value] of scipy.normalQuantile) assert.approximately(normalQuantile(p!), value!, 1e-12)
  })

  it.each(scipy.oneSample)("mean and its interval, MAD and CV of a sample", ({ cv, mean, mad, values }) => {
    const interval = meanInterval(values)!
    agree(meanOf(values), mean[0]!)
    agree(interval.low, mean[1]!, 7)
    agree(interval.high, mean[2]!, 7)
    agree(medianAbsoluteDeviation(values), mad)
    agree(coefficientOfVariation(values)!, cv)
  })

  it.each(scipy.twoSamples)("Mann–Whitney U and the shift of two samples", (row) => {
    const { a, b, exact, p, shift, u } = row
    const test = mannWhitney(a, b)
    assert.strictEqual(test.u, u)
    assert.strictEqual(test.method, exact ? "exact" : "normal")
    agree(test.p, p)
    const { estimate, interval } = hodgesLehmann(a, b)
    agree(estimate, shift)
    if (!("interval" in row)) return
    if (row.interval === null) return assert.isUndefined(interval)
    agree(interval!.low, row.interval![0]!)
    agree(interval!.high, row.interval![1]!)
  })

  it.each(scipy.detectable)(
    "the detectable effect of %i trials is near the t-test's, a little above it",
    (n, cv, effect) => {
      const found = minimumDetectableEffect(spread(n!, cv!), spread(n!, cv!))!
      assert.isTrue(found > effect! && found < 1.15 * effect!, `${found} for ${effect}`)
    },
  )
})
