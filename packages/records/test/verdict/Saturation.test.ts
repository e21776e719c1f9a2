import { assert, describe, it } from "@effect/vitest"
import { saturationOf } from "../../src/verdict/Saturation.ts"

const rungs = (throughputs: ReadonlyArray<number | undefined>, good: ReadonlyArray<number> = []) =>
  throughputs.map((throughput, at) => ({
    load: 2 ** at,
    ...(throughput === undefined ? {} : { throughput }),
    ...(good[at] === undefined ? {} : { good: good[at] }),
  }))

describe("saturationOf", () => {
  it("goes on while the throughput grows and the objectives are met", () => {
    assert.deepStrictEqual(saturationOf(rungs([])), {})
    assert.deepStrictEqual(saturationOf(rungs([10, 20, 40])), {})
    assert.deepStrictEqual(saturationOf(rungs([10, 20, 40], [1, 1, 0.99])), { largestGood: 4 })
  })

  it("ends where it no longer grows, in whatever order the rungs come", () => {
    const flat = rungs([10, 20, 20.5], [1, 1, 1])
    const expected = { knee: 2, largestGood: 4, end: "at 4, the throughput grew by less than 5 % from 2" }
    assert.deepStrictEqual(saturationOf(flat), expected)
    assert.deepStrictEqual(saturationOf(flat.toReversed()), expected)
    assert.deepStrictEqual(saturationOf(flat, { gain: 0.01 }), { largestGood: 4 })
  })

  it("ends where the objectives are missed; the load that meets them has none below it that does not", () => {
    assert.deepStrictEqual(saturationOf(rungs([10, 20, 40, 80], [1, 0.995, 0.9, 1])), {
      largestGood: 2,
      end: "at 4, 90 % of the requests met the objectives",
    })
    assert.deepStrictEqual(saturationOf(rungs([10, 20], [1, 0.9]), { good: 0.9 }), { largestGood: 2 })
    assert.notProperty(saturationOf(rungs([10], [0.5])), "largestGood")
  })

  it("ends at a run that is invalid, and says nothing of what lies above it", () => {
    assert.deepStrictEqual(saturationOf(rungs([10, undefined, 40, 40])), {
      end: "at 2, the run is invalid, or has no throughput",
    })
    assert.deepStrictEqual(saturationOf(rungs([10, 10.1, undefined])), {
      knee: 1,
      end: "at 2, the throughput grew by less than 5 % from 1",
    })
  })
})
