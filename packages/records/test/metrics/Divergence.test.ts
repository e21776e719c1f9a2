import { assert, describe, it } from "@effect/vitest"
import { absent, type ChunkDivergence, type Metric, type Scored } from "@rigbook/core"
import { scenario } from "../../../testkit/src/FakeCell.ts"
import { chunkSample, qualitySample, trialSample } from "../../../testkit/src/FakeSamples.ts"
import { deltaP, kldMean, kldP99, perplexity, referencePerplexity, sameTop } from "../../src/metrics/Divergence.ts"
import { METRICS, metricsFor } from "../../src/metrics/Metrics.ts"
import { valuesOf } from "../../src/metrics/Values.ts"

const of = (metric: Metric, ...chunks: ReadonlyArray<ChunkDivergence>) =>
  metric.measure(trialSample({ scored: { measure: "kld", chunks } satisfies Scored }))
const valueOf = (metric: Metric, ...chunks: ReadonlyArray<ChunkDivergence>): number => {
  const found = of(metric, ...chunks)
  return "value" in found ? found.value : Number.NaN
}

describe("figures of divergence", () => {
  const two = [chunkSample(0.125), chunkSample(0.375)] as const

  it("are means over the tokens of all chunks", () => {
    assert.closeTo(valueOf(kldMean, ...two), 0.25, 1e-12)
    assert.strictEqual(valueOf(sameTop, ...two), 75)
    assert.closeTo(valueOf(deltaP, ...two), 10, 1e-5)
    assert.closeTo(valueOf(perplexity, ...two), 8, 1e-12)
    assert.closeTo(valueOf(referencePerplexity, ...two), 4, 1e-12)
  })

  it("include the 99th percentile of all tokens", () => {
    assert.closeTo(valueOf(kldP99, ...two), 0.375, 1e-12)
    const many = [...Array.from({ length: 99 }, () => chunkSample(0.125)), chunkSample(0.875)]
    assert.isAbove(valueOf(kldP99, ...many), 0.125)
    assert.closeTo(valueOf(kldMean, ...many), 0.1325, 1e-9)
  })

  it("are absent without a chunk, and if a prediction is not a number", () => {
    assert.deepStrictEqual(kldMean.measure(trialSample()), absent("no chunk was compared with a reference"))
    assert.property(of(perplexity, { ...two[0], surprise: null }), "absent")
  })

  it("have an interval over chunks", () => {
    const [found] = valuesOf([qualitySample("kld")], [kldMean])
    if (found === undefined || "absent" in found.result) throw new Error("no value")
    const { high, low, median, units } = found.result.summary
    assert.strictEqual(units, 8)
    assert.isTrue(0.1 < low! && low! < median && median < high! && high! < 0.107)
  })

  it("are only for their scenario", () => {
    const kld = scenario({ kind: "quality", measure: "kld", prompts: "p", reference: { path: "f16.gguf" } })
    assert.deepStrictEqual(
      metricsFor("generate", METRICS, kld).map(({ id }) => id),
      ["kld_mean", "kld_p99", "same_top", "delta_p", "perplexity", "reference_perplexity", "load_s", "memory_peak"],
    )
  })
})
