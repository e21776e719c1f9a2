import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { holm } from "../../src/statistics/Holm.ts"

const P = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }))

describe("holm", () => {
  it("multiplies the smallest by their number, the next by one less, and never falls", () => {
    // Holm, Scandinavian Journal of Statistics 6 (1979): the method by hand
    const adjusted = holm([0.01, 0.04, 0.03, 0.005])
    const expected = [0.03, 0.06, 0.06, 0.02]
    for (const [at, value] of expected.entries()) assert.approximately(adjusted[at]!, value, 1e-12)
    assert.deepStrictEqual(holm([]), [])
    assert.deepStrictEqual(holm([0.2]), [0.2])
    assert.deepStrictEqual(holm([0.9, 0.8]), [1, 1])
  })

  it.prop("is between p and Bonferroni's", { values: Schema.Array(P) }, ({ values }) => {
    for (const [at, adjusted] of holm(values).entries())
      assert.isTrue(adjusted >= values[at]! && adjusted <= Math.min(1, values.length * values[at]!) + 1e-12)
  })
})
