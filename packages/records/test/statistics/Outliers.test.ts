import { assert, describe, it } from "@effect/vitest"
import { outliers } from "../../src/statistics/Outliers.ts"

describe("outliers", () => {
  it("finds the runs of a machine that somebody else used", () => {
    // llama-bench's tokens/s on a shared machine: another job began at the seventh run
    const speeds = [91.7, 93.9, 92.9, 93.3, 94.3, 86.6, 51.2, 11.7]
    assert.deepStrictEqual(outliers(speeds), [6, 7])
  })

  it("finds none where values are spread evenly, equal or few", () => {
    assert.deepStrictEqual(outliers([1, 2, 3, 4, 5, 6, 7]), [])
    assert.deepStrictEqual(outliers([5, 5, 5, 5]), [])
    assert.deepStrictEqual(outliers([1]), [])
    assert.deepStrictEqual(outliers([]), [])
  })

  it("finds one among equal values", () => {
    assert.deepStrictEqual(outliers([5, 5, 5, 5, 5, 5, 5, 5, 5, 6]), [9])
  })
})
