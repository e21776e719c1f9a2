import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { hodgesLehmann } from "../../src/statistics/HodgesLehmann.ts"
import { mannWhitney, smallestP, uDistribution } from "../../src/statistics/MannWhitney.ts"

const Value = Schema.Int.check(Schema.isBetween({ minimum: -1000, maximum: 1000 }))
const Values = Schema.NonEmptyArray(Value)

describe("uDistribution", () => {
  it("is the one in the tables", () => {
    // 3 against 3: the 20 arrangements give U = 0…9 so often.
    const counts = [1, 1, 2, 3, 3, 3, 3, 2, 1, 1]
    const below = uDistribution(3, 3)
    let sum = 0
    for (const [u, count] of counts.entries()) assert.approximately(below(u), (sum += count) / 20, 1e-15)
    assert.approximately(uDistribution(7, 4)(3), 7 / 330, 1e-15) // 1 + 1 + 2 + 3 arrangements of 330
  })

  it("stays a distribution at its largest", () => {
    const below = uDistribution(50, 50)
    assert.approximately(below(2500), 1, 1e-12)
    assert.approximately(below(1249) + below(1250), 1, 1e-9)
    assert.isAbove(below(0), 0)
  })
})

describe("smallestP", () => {
  it("tells how few trials can't show anything", () => {
    assert.approximately(smallestP(3, 3), 0.1, 1e-12)
    assert.approximately(smallestP(4, 4), 2 / 70, 1e-12)
    assert.approximately(smallestP(10, 10), 2 / 184756, 1e-15)
    assert.strictEqual(smallestP(1, 1), 1)
  })
})

describe("mannWhitney", () => {
  it("finds nothing between equal constants, and all between apart ones", () => {
    assert.deepStrictEqual(mannWhitney([5, 5, 5], [5, 5, 5]), { u: 4.5, p: 1, method: "normal" })
    assert.approximately(mannWhitney([1, 2, 3, 4, 5], [6, 7, 8, 9, 10]).p, smallestP(5, 5), 1e-15)
  })

  it.prop("is the same from both sides, whatever the unit", { a: Values, b: Values }, ({ a, b }) => {
    const forth = mannWhitney(a, b)
    const back = mannWhitney(b, a)
    assert.isTrue(forth.p >= 0 && forth.p <= 1)
    assert.approximately(forth.p, back.p, 1e-12)
    assert.strictEqual(forth.u + back.u, a.length * b.length)
    const scaled = mannWhitney(
      a.map((value) => value * 3 - 7),
      b.map((value) => value * 3 - 7),
    )
    assert.deepStrictEqual(scaled, forth)
  })
})

describe("hodgesLehmann", () => {
  it.prop("moves as the values move, and lies within its interval", { a: Values, b: Values, by: Value }, (input) => {
    const { a, b, by } = input
    const { estimate, interval } = hodgesLehmann(a, b)
    assert.approximately(hodgesLehmann(b, a).estimate, -estimate, 1e-9)
    const moved = hodgesLehmann(
      a,
      b.map((value) => value + by),
    )
    assert.approximately(moved.estimate, estimate + by, 1e-9)
    if (interval === undefined) return
    assert.isTrue(interval.low <= estimate && estimate <= interval.high && interval.confidence >= 0.95)
  })

  it("has no interval for three against three", () => {
    assert.notProperty(hodgesLehmann([1, 2, 3], [4, 5, 6]), "interval")
    assert.strictEqual(hodgesLehmann([1, 2, 3], [4, 5, 6]).estimate, 3)
  })
})
