import { assert, describe, it } from "@effect/vitest"
import { requestSample, trialSample } from "../../../testkit/src/FakeSamples.ts"
import { cachedShare } from "../../src/metrics/Cache.ts"

const measure = (...requests: ReadonlyArray<Parameters<typeof requestSample>[0]>) =>
  cachedShare.measure(trialSample({ requests: requests.map(requestSample) }))

describe("cached_share", () => {
  it("is what of all prompt tokens came from a cache, of requests that went well", () => {
    assert.deepStrictEqual(measure({ cachedTokens: 0 }, { cachedTokens: 50, inputTokens: 100 }), { value: 25 })
    assert.deepStrictEqual(measure({ cachedTokens: 0 }), { value: 0 })
    assert.deepStrictEqual(measure({ cachedTokens: 10 }, { outcome: "error" }), { value: 10 })
  })

  it("is absent, and not zero, where an engine does not report", () => {
    assert.deepStrictEqual(measure({ cachedTokens: 0 }, {}), {
      absent: "the engine did not report what it found in a cache",
    })
    assert.deepStrictEqual(measure({ outcome: "error" }), { absent: "no request succeeded" })
  })
})
