import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { isLogarithmic, rangeOf, ticksOf } from "../../page/scale.ts"

describe("rangeOf", () => {
  it("leaves room, but none below zero for figures that are not negative", () => {
    assert.deepStrictEqual(rangeOf([0, 100], false), [0, 108])
    assert.deepStrictEqual(rangeOf([-1, 1], false), [-1.16, 1.16])
    assert.deepStrictEqual(rangeOf([32], false), [31.36, 32.64])
  })
})

describe("isLogarithmic", () => {
  it("is for positive values far apart", () => {
    assert.deepStrictEqual(
      [
        [1, 100],
        [1, 10],
        [0, 100],
        [-1, 100],
      ].map(isLogarithmic),
      [true, false, false, false],
    )
  })
})

describe("ticksOf", () => {
  it("are round: of ten, or of two for bytes", () => {
    assert.deepStrictEqual(ticksOf(0, 460, false, false), [0, 100, 200, 300, 400])
    assert.deepStrictEqual(ticksOf(8, 250, true, false), [10, 20, 50, 100, 200])
    assert.deepStrictEqual(ticksOf(2 ** 29, 2 ** 31, true, true), [2 ** 29, 2 ** 30, 2 ** 31])
    assert.deepStrictEqual(ticksOf(-1.16, 1.16, false, false), [-1, -0.5, 0, 0.5, 1])
  })

  const Positive = Schema.Finite.check(Schema.isBetween({ minimum: 1e-6, maximum: 1e15 }))
  it.prop(
    "are few, inside and rising, whatever the values",
    [Schema.Array(Positive).check(Schema.isMinLength(1)), Schema.Boolean, Schema.Boolean],
    ([values, binary, wide]) => {
      const logarithmic = wide && isLogarithmic(values)
      const [low, high] = rangeOf(values, logarithmic)
      const ticks = ticksOf(low, high, logarithmic, binary)
      assert.isAtMost(ticks.length, 10)
      assert.isAtLeast(ticks.length, 1)
      for (const [index, tick] of ticks.entries()) {
        assert.isAtLeast(tick, low * (1 - 1e-9))
        assert.isAtMost(tick, high * (1 + 1e-9))
        if (index > 0) assert.isAbove(tick, ticks[index - 1]!)
      }
    },
  )
})
