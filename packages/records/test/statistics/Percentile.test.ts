import { assert, describe, it } from "@effect/vitest"
import { percentile, valuesNeeded } from "../../src/statistics/Percentile.ts"

const upTo = (n: number): ReadonlyArray<number> => Array.from({ length: n }, (_, index) => index + 1)

describe("percentile", () => {
  it("takes 59 values for the 95th and 299 for the 99th", () => {
    assert.deepStrictEqual([0.5, 0.9, 0.95, 0.99].map(valuesNeeded), [5, 29, 59, 299])
    assert.deepStrictEqual(percentile(upTo(58), 0.95), {
      absent: "the 95th percentile needs 59 values, there are 58",
    })
    assert.deepStrictEqual(percentile(upTo(298), 0.99), {
      absent: "the 99th percentile needs 299 values, there are 298",
    })
  })

  it("interpolates as NumPy does", () => {
    assert.deepStrictEqual(percentile(upTo(101), 0.95), { value: 96 })
    assert.deepStrictEqual(percentile(upTo(301), 0.99), { value: 298 })
    assert.deepStrictEqual(percentile([], 0.5), { absent: "the 50th percentile needs 5 values, there are 0" })
  })
})
