import { assert, describe, it } from "@effect/vitest"
import { fakeSpec } from "../../../testkit/src/FakeCell.ts"
import { requestSample, trialSample } from "../../../testkit/src/FakeSamples.ts"
import { metricsOfCell } from "../../src/metrics/Metrics.ts"
import { acceptanceRate } from "../../src/metrics/Speculation.ts"

const measure = (...requests: ReadonlyArray<Parameters<typeof requestSample>[0]>) =>
  acceptanceRate.measure(trialSample({ requests: requests.map(requestSample) }))

describe("acceptance_rate", () => {
  it("is what of all drafted tokens was accepted, and a request without a draft counts for nothing", () => {
    const half = { draftedTokens: 10, acceptedTokens: 5 }
    assert.deepStrictEqual(measure(half, { draftedTokens: 30, acceptedTokens: 25 }), { value: 75 })
    assert.deepStrictEqual(measure(half, {}), { value: 50 })
    assert.deepStrictEqual(measure({ draftedTokens: 10, acceptedTokens: 0 }), { value: 0 })
    assert.deepStrictEqual(measure(half, { ...half, outcome: "error" }), { value: 50 })
    const drafts = { draftedTokens: 8, acceptedTokens: 2 }
    assert.deepStrictEqual(acceptanceRate.measure(trialSample({ drafts })), { value: 25 })
  })

  it("is absent, and not zero, where nothing was drafted or the counts contradict each other", () => {
    assert.deepStrictEqual(measure({}), { absent: "nothing was drafted, or the engine does not report it" })
    assert.deepStrictEqual(measure({ draftedTokens: 1, acceptedTokens: 2 }), {
      absent: "the engine counts more accepted tokens than drafted ones",
    })
    assert.deepStrictEqual(measure({ outcome: "error" }), { absent: "no request succeeded" })
  })

  it("is a figure of cells with the option speculation alone", () => {
    const has = (options: object) =>
      metricsOfCell(fakeSpec({ options: { ...options } })).some(({ id }) => id === acceptanceRate.id)
    assert.isTrue(has({ speculation: "ngram-simple" }))
    assert.isFalse(has({}))
  })
})
