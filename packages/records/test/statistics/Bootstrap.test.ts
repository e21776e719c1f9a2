import { assert, describe, it } from "@effect/vitest"
import { bootstrap, pairedBootstrap } from "../../src/statistics/Bootstrap.ts"
import { meanOf, uniform } from "./meanOf.ts"

describe("bootstrap", () => {
  it("has no interval where no draw has a figure, and none wider than a point where all are alike", () => {
    assert.isUndefined(bootstrap({ count: 3, figure: () => Number.NaN }))
    assert.deepStrictEqual(bootstrap(meanOf([1, 1, 1])), { low: 1, high: 1, confidence: 0.95 })
  })
})

describe("pairedBootstrap", () => {
  const hard = uniform("queries", 200)

  it("finds nothing between a figure and itself", () => {
    const same = pairedBootstrap(meanOf(hard), meanOf(hard))!
    assert.deepStrictEqual([same.estimate, same.low, same.high, same.p], [0, 0, 0, 1])
  })

  it("finds a small difference that each query shows, which the two intervals alone would hide", () => {
    const noise = uniform("noise", 200)
    const better = hard.map((value, at) => value + 0.01 + 0.02 * (noise[at]! - 0.5))
    const [a, b] = [bootstrap(meanOf(hard))!, bootstrap(meanOf(better))!]
    assert.isTrue(b.low < a.high, "side by side they can't be distinguished")
    const found = pairedBootstrap(meanOf(hard), meanOf(better))!
    assert.closeTo(found.estimate, 0.01, 0.002)
    assert.isTrue(found.low > 0 && found.p < 0.001)
  })

  it("is refused of figures that are not of as many queries", () => {
    assert.isUndefined(pairedBootstrap(meanOf([1, 2]), meanOf([1, 2, 3])))
  })
})
