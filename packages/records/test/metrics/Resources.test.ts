import { assert, describe, it } from "@effect/vitest"
import { absent, measured } from "@rigbook/core"
import { trialSample } from "../../../testkit/src/FakeSamples.ts"
import { loadTime, memoryMean, memoryPeak } from "../../src/metrics/Resources.ts"

const readings = (atMs: ReadonlyArray<number>, rssBytes: ReadonlyArray<number>) =>
  trialSample({ memory: { atMs, rssBytes } })

describe("metrics of resources", () => {
  it("give the load time in seconds", () => {
    assert.deepStrictEqual(loadTime.measure(trialSample({ loadMs: 2345 })), measured(2.345))
  })

  it("give the largest reading, and the mean over time rather than over readings", () => {
    // 100 for 10 ms, then a rise to 300 over 10 ms, then 300 for 80 ms.
    const uneven = readings([0, 10, 20, 100], [100, 100, 300, 300])
    assert.deepStrictEqual(memoryPeak.measure(uneven), measured(300))
    assert.deepStrictEqual(memoryMean.measure(uneven), measured((100 * 10 + 200 * 10 + 300 * 80) / 100))
  })

  it("take a single reading for what it is", () => {
    for (const sample of [readings([7], [42]), readings([7, 7], [42, 42])])
      for (const metric of [memoryPeak, memoryMean]) assert.deepStrictEqual(metric.measure(sample), measured(42))
  })

  it("say why there is none", () => {
    for (const metric of [memoryPeak, memoryMean]) {
      assert.deepStrictEqual(metric.measure(readings([], [])), absent("no reading was taken"))
      const memory = { atMs: [], rssBytes: [], absent: "the backend reports no process" }
      assert.deepStrictEqual(metric.measure(trialSample({ memory })), absent("the backend reports no process"))
    }
  })
})
