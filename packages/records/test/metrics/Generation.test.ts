import { assert, describe, it } from "@effect/vitest"
import { absent, measured } from "@rigbook/core"
import type { RequestSample } from "@rigbook/core"
import { scenario } from "../../../testkit/src/FakeCell.ts"
import { requestSample, trialSample } from "../../../testkit/src/FakeSamples.ts"
import {
  decodeTpsEngine,
  decodeTpsUser,
  e2e,
  icl,
  outputTps,
  prefillTps,
  prefillTpsEngine,
  tpot,
  ttft,
} from "../../src/metrics/Generation.ts"
import { METRICS, metricsFor } from "../../src/metrics/Metrics.ts"

const sample = (...requests: ReadonlyArray<RequestSample>) => trialSample({ requests })
const one = (change: Partial<RequestSample> = {}) => sample(requestSample(change))
const without = (key: "inputTokens" | "outputTokens"): RequestSample => {
  const { [key]: _, ...rest } = requestSample()
  return rest
}
const failed = requestSample({
  outcome: "error",
  chunkMs: [10_000],
  outputTokens: 999,
  inputTokens: 9999,
  endMs: 20_000,
})

describe("metrics of generation", () => {
  it("take the median over requests for times", () => {
    const three = sample(
      requestSample(),
      requestSample({ sentMs: 0, chunkMs: [40, 50, 60, 70] }),
      requestSample({ sentMs: 0, chunkMs: [300, 330, 360, 390] }),
    )
    assert.deepStrictEqual(ttft.measure(three), measured(100))
    assert.deepStrictEqual(e2e.measure(three), measured(130))
    assert.deepStrictEqual(tpot.measure(three), measured(10))
    assert.deepStrictEqual(icl.measure(three), measured(10))
    assert.deepStrictEqual(decodeTpsUser.measure(three), measured(100))
  })

  it("divide total work by total time for rates", () => {
    const two = sample(
      requestSample({ cachedTokens: 40 }), // 60 tokens prefilled in 100 ms, 4 written
      requestSample({ sentMs: 200, chunkMs: [500, 600], endMs: 610, inputTokens: 40, outputTokens: 2 }), // 40 in 300
    )
    assert.deepStrictEqual(prefillTps.measure(two), measured(250))
    assert.deepStrictEqual(outputTps.measure(two), measured(10))
  })

  it("leave the tokens of the first chunk out of the time per token", () => {
    const several = one({ chunkMs: [110, 150], chunkTokens: [3, 2], outputTokens: 5 })
    assert.deepStrictEqual(tpot.measure(several), measured(20))
    assert.deepStrictEqual(icl.measure(several), measured(40))
  })

  it("have no time per token for one token or none", () => {
    for (const chunkMs of [[], [110]])
      for (const metric of [tpot, decodeTpsUser])
        assert.property(metric.measure(one({ chunkMs, outputTokens: chunkMs.length })), "absent")
    assert.deepStrictEqual(icl.measure(one({ chunkMs: [110] })), absent("no request received more than one chunk"))
    assert.property(ttft.measure(one({ chunkMs: [] })), "absent")
    assert.property(e2e.measure(one({ chunkMs: [] })), "absent")
    assert.property(tpot.measure(one({ chunkMs: [110, 120], chunkTokens: [2, 0], outputTokens: 2 })), "absent")
  })

  it("are absent with a reason where the engine does not report its counts, never zero", () => {
    const noOutput = sample(requestSample(), without("outputTokens"))
    const reported = "the engine did not report the number of output tokens"
    assert.deepStrictEqual(outputTps.measure(noOutput), absent(reported))
    assert.property(tpot.measure(noOutput), "absent")
    assert.deepStrictEqual(
      prefillTps.measure(sample(without("inputTokens"))),
      absent("the engine did not report the number of prompt tokens"),
    )
    for (const metric of [decodeTpsEngine, prefillTpsEngine])
      assert.deepStrictEqual(metric.measure(one()), absent("the engine does not report its own times"))
  })

  it("read the engine's own clock", () => {
    const engine = { promptTokens: 90, promptMs: 45, decodeTokens: 3, decodeMs: 24 }
    const two = sample(requestSample({ engine }), requestSample({ engine: { ...engine, decodeMs: 36 } }))
    assert.deepStrictEqual(decodeTpsEngine.measure(two), measured(100))
    assert.deepStrictEqual(prefillTpsEngine.measure(two), measured(2000))
  })

  it("leave failed requests out", () => {
    for (const metric of metricsFor("generate")) {
      const mixed = sample(requestSample(), { ...failed, outcome: "timeout" }, failed)
      assert.deepStrictEqual(metric.measure(mixed), metric.measure(one()), metric.id)
    }
  })

  it("are absent when no request succeeded", () => {
    for (const metric of [ttft, tpot, e2e, decodeTpsUser, prefillTps, outputTps, decodeTpsEngine, prefillTpsEngine])
      for (const requests of [[failed], []])
        assert.deepStrictEqual(metric.measure(sample(...requests)), absent("no request succeeded"), metric.id)
    assert.property(icl.measure(sample(failed)), "absent")
  })

  it("are absent, not infinite, when a coarse clock saw no time pass", () => {
    const instant = one({ sentMs: 5, chunkMs: [5, 5, 5, 5], endMs: 5 })
    for (const metric of [decodeTpsUser, prefillTps, outputTps])
      assert.deepStrictEqual(metric.measure(instant), absent("it took no measurable time"), metric.id)
  })

  it("have ids of their own, and a task each", () => {
    assert.strictEqual(new Set(METRICS.map(({ id }) => id)).size, METRICS.length)
    const generate = metricsFor("generate").map(({ id }) => id)
    const embed = metricsFor("embed").map(({ id }) => id)
    assert.includeMembers(generate, ["ttft", "load_s", "memory_peak"])
    assert.includeMembers(embed, ["docs_per_s", "load_s", "memory_peak"])
    assert.notInclude(embed, "ttft")
    assert.notInclude(generate, "docs_per_s")
    const about = { kind: "quality", dataset: "d", prompts: "p", reference: { path: "f16.gguf" } }
    const quality = (["retrieval", "sts", "kld", "tasks"] as const).flatMap((measure) =>
      metricsFor(
        measure === "kld" || measure === "tasks" ? "generate" : "embed",
        METRICS,
        scenario({ ...about, measure }),
      ).map(({ id }) => id),
    )
    assert.sameMembers(
      [...new Set([...generate, ...embed, ...quality])],
      METRICS.map(({ id }) => id),
    )
  })
})
