import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { trendOf } from "../../src/statistics/Drift.ts"

const Values = Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: -9, maximum: 9 }))).check(
  Schema.isMinLength(3),
  Schema.isMaxLength(12),
)

/** All orders of 0 … n − 1. */
const orders = (n: number): ReadonlyArray<ReadonlyArray<number>> =>
  n === 0
    ? [[]]
    : orders(n - 1).flatMap((rest) =>
        Array.from({ length: n }, (_, at) => [...rest.slice(0, at), n - 1, ...rest.slice(at)]),
      )

describe("trendOf", () => {
  it("is exact against every order of six values", () => {
    const all = orders(6).map((values) => trendOf(values)!)
    assert.strictEqual(all.length, 720)
    for (const { p, tau } of all) {
      const asStrong = all.filter((other) => Math.abs(other.tau) >= Math.abs(tau) - 1e-12).length
      assert.approximately(p, Math.min(1, asStrong / 720), 1e-12)
    }
  })

  it("gives the figures of a worked example", () => {
    // 2 of 45 pairs go against the order: τ = 41/45; slope by hand from the sorted slopes.
    const { p, slope, tau } = trendOf([1, 2, 4, 3, 5, 6, 8, 7, 9, 10])!
    assert.approximately(tau, 41 / 45, 1e-12)
    assert.approximately(slope, 1, 1e-12)
    assert.isBelow(p, 1e-4)
  })

  it("can't call four values a trend, but five", () => {
    assert.approximately(trendOf([1, 2, 3, 4])!.p, 2 / 24, 1e-12)
    assert.approximately(trendOf([5, 4, 3, 2, 1])!.p, 2 / 120, 1e-12)
    assert.isUndefined(trendOf([1, 2]))
  })

  it("is no trend where all values are one", () => {
    assert.deepStrictEqual(trendOf([3, 3, 3, 3, 3]), { slope: 0, tau: 0, p: 1 })
  })

  it("corrects for ties", () => {
    // S = 16, variance (8·7·21 − 2·2·1·9)/18 = 63.33: z = 15/7.958 = 1.885, two-sided p by erfc.
    assert.approximately(trendOf([1, 2, 2, 3, 8, 5, 5, 4])!.p, 0.0594511, 1e-6)
  })

  it("is not moved by one value that is far off", () => {
    const { slope } = trendOf([10, 10.1, 9.9, 10, 500, 10.05, 9.95, 10, 10.1, 9.9])!
    assert.isBelow(Math.abs(slope), 0.05)
  })

  it.prop("turns with its values", { values: Values }, ({ values }) => {
    const there = trendOf(values)!
    const back = trendOf(values.toReversed())!
    assert.approximately(there.slope, -back.slope, 1e-9)
    assert.approximately(there.tau, -back.tau, 1e-9)
    assert.approximately(there.p, back.p, 1e-9)
    assert.isTrue(there.p > 0 && there.p <= 1 && Math.abs(there.tau) <= 1 + 1e-9)
  })
})
