import { assert, describe, it } from "@effect/vitest"
import { absent, measured } from "@rigbook/core"
import type { RequestSample } from "@rigbook/core"
import { trialSample } from "../../../testkit/src/FakeSamples.ts"
import { batchLatency, docsPerS, docsPerSEngine, embedTokensPerS, msPerDoc } from "../../src/metrics/Embedding.ts"
import { metricsFor } from "../../src/metrics/Metrics.ts"

const call = (change: Partial<RequestSample> = {}): RequestSample => ({
  prompt: 0,
  sentMs: 100,
  chunkMs: [],
  endMs: 300,
  outcome: "ok",
  documents: 20,
  inputTokens: 600,
  ...change,
})
const sample = (...requests: ReadonlyArray<RequestSample>) => trialSample({ requests })

describe("metrics of embedding", () => {
  it("divide by the time from the first call's start to the last one's end", () => {
    const two = sample(call(), call({ sentMs: 350, endMs: 500, documents: 12, inputTokens: 200 }))
    assert.deepStrictEqual(docsPerS.measure(two), measured(80))
    assert.deepStrictEqual(embedTokensPerS.measure(two), measured(2000))
    assert.deepStrictEqual(msPerDoc.measure(two), measured(12.5))
    assert.deepStrictEqual(batchLatency.measure(two), measured(175))
  })

  it("divide by the engine's own time, transport left out", () => {
    const two = sample(call({ engine: { callMs: 100 } }), call({ engine: { callMs: 60 } }))
    assert.deepStrictEqual(docsPerSEngine.measure(two), measured(250))
    assert.deepStrictEqual(
      docsPerSEngine.measure(sample(call({ engine: { callMs: 100 } }), call())),
      absent("the engine does not report its own times"),
    )
  })

  it("are absent where the engine does not report the tokens", () => {
    const { inputTokens: _, ...unreported } = call()
    assert.deepStrictEqual(
      embedTokensPerS.measure(sample(call(), unreported)),
      absent("the engine did not report the number of tokens"),
    )
    assert.deepStrictEqual(docsPerS.measure(sample(unreported)), measured(100))
    assert.deepStrictEqual(
      embedTokensPerS.measure(sample(call(), call({ inputTokens: 0 }))),
      absent("the engine did not report the number of tokens"),
    )
  })

  it("are absent where there are not as many vectors as documents", () => {
    const vectors = (count: number) => sample(call({ vectors: { count, dimensions: 3 }, engine: { callMs: 200 } }))
    for (const metric of [docsPerS, docsPerSEngine, msPerDoc]) {
      assert.notProperty(metric.measure(vectors(20)), "absent", metric.id)
      for (const count of [0, 10, 40]) assert.property(metric.measure(vectors(count)), "absent", metric.id)
    }
  })

  it("leave failed calls out, and are absent without any that succeeded", () => {
    const failed = call({ outcome: "error", sentMs: 0, endMs: 9000 })
    for (const metric of metricsFor("embed"))
      assert.deepStrictEqual(metric.measure(sample(failed, call())), metric.measure(sample(call())), metric.id)
    for (const metric of [docsPerS, embedTokensPerS, msPerDoc, batchLatency, docsPerSEngine])
      assert.deepStrictEqual(metric.measure(sample(failed)), absent("no request succeeded"), metric.id)
  })

  it("are absent, not infinite, when a coarse clock saw no time pass", () => {
    const instant = sample(call({ sentMs: 5, endMs: 5, engine: { callMs: 0 } }))
    for (const metric of [docsPerS, embedTokensPerS, msPerDoc, docsPerSEngine])
      assert.deepStrictEqual(metric.measure(instant), absent("it took no measurable time"), metric.id)
  })
})
