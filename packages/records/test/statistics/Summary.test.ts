import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { quantile } from "../../src/statistics/Quantile.ts"
import { summarize } from "../../src/statistics/Summary.ts"

const upTo = (n: number): ReadonlyArray<number> => Array.from({ length: n }, (_, index) => index + 1)
/** For each n from 6 to 30 the rank of the lower bound: tables of the sign test, 95 % two-sided. */
const RANKS = [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 5, 5, 5, 6, 6, 6, 7, 7, 8, 8, 8, 9, 9, 10]
const Value = Schema.Finite.check(Schema.isBetween({ minimum: -1e6, maximum: 1e6 }))
const Values = Schema.NonEmptyArray(Value)

describe("summarize", () => {
  it("gives nothing for nothing", () => {
    assert.isUndefined(summarize([]))
  })

  it("gives the order-statistic interval of the median for 1 to 30 values", () => {
    for (let n = 1; n <= 30; n++) {
      const { high, low } = summarize(upTo(n))!
      const rank = RANKS[n - 6]
      assert.strictEqual(low, rank, `n = ${n}`)
      assert.strictEqual(high, rank === undefined ? undefined : n + 1 - rank, `n = ${n}`)
    }
  })

  it("has the confidence that the binomial distribution gives", () => {
    const summary = summarize(upTo(10).toReversed())!
    assert.deepStrictEqual([summary.low, summary.high, summary.confidence], [2, 9, 1 - 22 / 1024])
    assert.strictEqual(summarize(upTo(6))!.confidence, 0.96875)
    for (const n of [1, 2, 5]) assert.notProperty(summarize(upTo(n)), "confidence")
  })

  it("does not lose the interval of very many values", () => {
    const { confidence, high, low } = summarize(upTo(5000))!
    assert.approximately(low!, 2500 - 0.98 * Math.sqrt(5000), 2)
    assert.strictEqual(low! + high!, 5001)
    assert.approximately(confidence!, 0.95, 0.005)
  })

  it("gives mean, spread and ends", () => {
    const { cv, max, mean, median, min, n } = summarize([4, 2, 6])!
    assert.deepStrictEqual({ cv, max, mean, median, min, n }, { cv: 0.5, max: 6, mean: 4, median: 4, min: 2, n: 3 })
    assert.notProperty(summarize([3]), "cv")
    assert.notProperty(summarize([-1, 1]), "cv")
    assert.strictEqual(summarize([-4, -2, -6])!.cv, 0.5)
  })

  it.prop("keeps the median and the interval within the values, in any order", { values: Values }, ({ values }) => {
    const summary = summarize(values)!
    const { high = Infinity, low = -Infinity, max, median, min } = summary
    assert.strictEqual(summary.n, values.length)
    assert.isTrue(min <= median && median <= max && low <= median && median <= high)
    assert.isTrue(values.includes(min) && values.includes(max))
    for (const bound of [summary.low, summary.high]) assert.isTrue(bound === undefined || values.includes(bound))
    const { cv: _, mean: __, meanHigh: ___, meanLow: ____, ...rest } = summary
    assert.deepInclude(summarize(values.toReversed())!, rest)
  })
})

describe("quantile", () => {
  it("interpolates as NumPy does", () => {
    // numpy.quantile([1, 2, 4, 8, 16], q) and numpy.percentile([15, 20, 35, 40, 50], 40)
    const values = [1, 2, 4, 8, 16]
    assert.deepStrictEqual(
      [0, 0.1, 0.25, 0.5, 0.75, 0.9, 1].map((q) => quantile(values, q)),
      [1, 1.4, 2, 4, 8, 12.8, 16],
    )
    assert.strictEqual(quantile([15, 20, 35, 40, 50], 0.4), 29)
    assert.strictEqual(quantile([1, 2, 3, 4], 0.5), 2.5)
    assert.strictEqual(quantile([7], 0.99), 7)
  })

  const Share = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }))
  it.prop("rises with q and stays within the values", { values: Values, q: Share, r: Share }, ({ q, r, values }) => {
    const sorted = values.toSorted((a, b) => a - b)
    const [low, high] = [Math.min(q, r), Math.max(q, r)].map((share) => quantile(sorted, share))
    const slack = 1e-9 * (1 + Math.abs(low!))
    assert.isTrue(sorted[0]! - slack <= low! && low! <= high! + slack && high! <= sorted.at(-1)! + slack)
  })
})
