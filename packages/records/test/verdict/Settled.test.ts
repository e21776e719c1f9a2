import { assert, describe, it } from "@effect/vitest"
import type { Sample } from "@rigbook/core"
import { protocol } from "../../../testkit/src/FakeCell.ts"
import { embedSample, requestSample, trialSample } from "../../../testkit/src/FakeSamples.ts"
import { headlineSeries, measuredEnough, restless, warmEnough, wideIntervals } from "../../src/verdict/Settled.ts"

/** Trials with these times to the first token, 10 ms a token after it. */
const trials = (firsts: ReadonlyArray<number>, phase: Sample["phase"] = "measured") =>
  firsts.map((first, trial) =>
    trialSample({
      trial,
      phase,
      requests: [requestSample({ sentMs: 0, chunkMs: [first, first + 10, first + 20, first + 30] })],
    }),
  )
const named = (values: ReadonlyArray<number>) => [{ title: "t", values }]

describe("headlineSeries", () => {
  it("has what the trials of a phase have of the figures that must repeat", () => {
    const samples = [...trials([50, 60], "warmup"), ...trials([100, 101])]
    assert.deepStrictEqual(
      headlineSeries(samples, "measured").map(({ title, values }) => [title, values.length]),
      [
        ["Time to first token", 2],
        ["Time per output token", 2],
      ],
    )
    assert.deepStrictEqual(headlineSeries(samples, "warmup")[0]!.values, [50, 60])
    assert.deepStrictEqual(
      headlineSeries([embedSample()], "measured").map(({ title }) => title),
      ["Documents per second"],
    )
  })
})

describe("measuredEnough", () => {
  it("is so many, where a number is requested", () => {
    const three = protocol({ trials: 3 })
    assert.isFalse(measuredEnough(three, trials([1, 1])))
    assert.isTrue(measuredEnough(three, trials([1, 9, 99])))
  })

  it("is as many as make every interval narrow, within the bounds", () => {
    const sure = protocol({ trials: { min: 6, max: 8, within: 0.02 } })
    assert.isFalse(measuredEnough(sure, trials([100, 100, 100, 100, 100])), "not before the least")
    assert.isTrue(measuredEnough(sure, trials([100, 101, 100, 102, 100, 101])))
    assert.isFalse(measuredEnough(sure, trials([100, 101, 100, 110, 100, 101])))
    assert.isTrue(measuredEnough(sure, trials([100, 150, 100, 110, 100, 101, 90, 80])), "not after the most")
    assert.isFalse(measuredEnough(sure, trials([100, 101, 100, 102, 100, 101], "warmup")))
  })
})

describe("warmEnough", () => {
  it("is so many, or when the last three agree", () => {
    assert.isTrue(warmEnough(protocol({ warmup: 0 }), []))
    assert.isFalse(warmEnough(protocol({ warmup: 2 }), trials([1], "warmup")))
    const steady = protocol({ warmup: { max: 5, within: 0.02 } })
    const enough = (...firsts: ReadonlyArray<number>) => warmEnough(steady, trials(firsts, "warmup"))
    assert.deepStrictEqual(
      [enough(100, 100), enough(300, 100, 101), enough(300, 100, 101, 100), enough(300, 100, 200, 100, 200)],
      [false, false, true, true],
    )
    assert.isFalse(warmEnough(protocol({ warmup: { min: 4, max: 5, within: 0.1 } }), trials([1, 1, 1], "warmup")))
  })
})

describe("what is not sure yet", () => {
  it("is reported as a share of the median", () => {
    assert.deepStrictEqual(wideIntervals(named([100, 104, 101, 103, 100, 104]), 0.01), [{ title: "t", share: 2 / 102 }])
    assert.deepStrictEqual(wideIntervals(named([0, 0, 0, 0, 0, 0]), 0.01), [], "what never changes is sure")
    assert.strictEqual(wideIntervals(named([1, 2]), 0.5)[0]!.share, Infinity, "two values have no interval")
    assert.deepStrictEqual(restless(named([9, 100, 100, 150]), 0.02), [{ title: "t", share: 0.5 }])
    assert.strictEqual(restless(named([100, 100]), 0.5)[0]!.share, Infinity)
  })
})
