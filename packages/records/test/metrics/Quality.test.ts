import { assert, describe, it } from "@effect/vitest"
import { absent, type Metric, type Scored } from "@rigbook/core"
import { scenario } from "../../../testkit/src/FakeCell.ts"
import { embedSample, qualitySample } from "../../../testkit/src/FakeSamples.ts"
import { METRICS, metricsFor } from "../../src/metrics/Metrics.ts"
import { ndcg10, recall10, stsSpearman } from "../../src/metrics/Quality.ts"
import { valuesOf } from "../../src/metrics/Values.ts"

const of = (metric: Metric, scored: Scored) => metric.measure(embedSample({ scored }))
const valueOf = (metric: Metric, scored: Scored): number => {
  const found = of(metric, scored)
  return "value" in found ? found.value : Number.NaN
}
const ranked = (...ranks: ReadonlyArray<ReadonlyArray<number> | null>): Scored => ({
  measure: "retrieval",
  normalized: true,
  documents: 40,
  ranks,
})
const paired = (cosines: ReadonlyArray<number | null>, scores: ReadonlyArray<number>): Scored => ({
  measure: "sts",
  normalized: true,
  cosines,
  scores,
})

describe("figures of retrieval", () => {
  it("discount a rank by its logarithm, and count nothing beyond the tenth", () => {
    assert.strictEqual(valueOf(ndcg10, ranked([1])), 1)
    assert.strictEqual(valueOf(ndcg10, ranked([3])), 0.5)
    assert.closeTo(valueOf(ndcg10, ranked([10])), 1 / Math.log2(11), 1e-12)
    assert.strictEqual(valueOf(ndcg10, ranked([11])), 0)
    assert.strictEqual(valueOf(ndcg10, ranked([1], [3], [11])), 0.5, "each query weighs the same")
  })

  it("are 1 where all answers come first, however many there are", () => {
    const twelve = Array.from({ length: 12 }, (_, n) => n + 1)
    assert.closeTo(valueOf(ndcg10, ranked(twelve)), 1, 1e-12)
    assert.closeTo(valueOf(ndcg10, ranked([1, 3])), 1.5 / (1 + 1 / Math.log2(3)), 1e-12)
    assert.closeTo(valueOf(recall10, ranked(twelve)), 10 / 12, 1e-12)
    assert.strictEqual(valueOf(recall10, ranked([1, 20], [5])), 0.75)
  })

  it("are absent where a vector has no direction, or none came", () => {
    assert.property(of(ndcg10, ranked([1], null)), "absent")
    assert.deepStrictEqual(ndcg10.measure(embedSample()), absent("there is not one vector for each text"))
  })
})

describe("Spearman's rank correlation", () => {
  it("goes by ranks alone", () => {
    assert.closeTo(valueOf(stsSpearman, paired([0.1, 0.2, 0.9, 0.95], [1, 2, 3, 100])), 1, 1e-12)
    assert.closeTo(valueOf(stsSpearman, paired([0.9, 0.5, 0.1], [1, 2, 3])), -1, 1e-12)
    // 1 − 6·Σd²/(n·(n² − 1)) with d² = 1, 1, 0, 1, 1.
    assert.closeTo(valueOf(stsSpearman, paired([2, 1, 3, 5, 4], [1, 2, 3, 4, 5])), 0.8, 1e-12)
  })

  it("gives ties their mean rank, as SciPy does", () => {
    // scipy.stats.spearmanr([1, 2, 2, 4], [1, 2, 3, 3]).statistic
    assert.closeTo(valueOf(stsSpearman, paired([0.1, 0.2, 0.2, 0.4], [1, 2, 3, 3])), 0.8333333333333334, 1e-12)
  })

  it("is absent where all cosines are the same", () => {
    assert.deepStrictEqual(
      of(stsSpearman, paired([0.5, 0.5, 0.5], [1, 2, 3])),
      absent("all cosines are the same: they can't be ranked"),
    )
  })
})

describe("an interval of quality", () => {
  const value = (metric: Metric, measure: "retrieval" | "sts") => {
    const [found] = valuesOf([qualitySample(measure), qualitySample(measure, { trial: 1 })], [metric])
    if (found === undefined || "absent" in found.result) throw new Error("no value")
    return found.result.summary
  }

  it("is drawn from the queries, not from trials, and is the same each time", () => {
    // 80 of 120 queries have a gain of 1, the others one half: 1.96 standard errors on either side.
    const summary = value(ndcg10, "retrieval")
    assert.deepStrictEqual([summary.n, summary.units, summary.confidence], [2, 120, 0.95])
    const error = Math.sqrt(((1 / 3) * (2 / 3)) / 120) / 2
    assert.closeTo(summary.low!, summary.median - 1.96 * error, 0.01)
    assert.closeTo(summary.high!, summary.median + 1.96 * error, 0.01)
    assert.deepStrictEqual(value(ndcg10, "retrieval"), summary)
  })

  it("holds the correlation that it is of", () => {
    const { high, low, median } = value(stsSpearman, "sts")
    assert.isTrue(low! < median && median < high! && high! <= 1)
  })

  it("is left out of figures of time", () => {
    for (const { result } of valuesOf([embedSample()], metricsFor("embed")))
      if ("summary" in result) assert.notProperty(result.summary, "units")
  })
})

describe("metricsFor", () => {
  const ids = (of: object) => metricsFor("embed", METRICS, scenario(of)).map(({ id }) => id)

  it("has figures of quality for its scenarios alone, and none of time beside them", () => {
    const about = { kind: "quality", dataset: "d" }
    assert.deepStrictEqual(ids({ ...about, measure: "retrieval" }), ["ndcg_10", "recall_10", "load_s", "memory_peak"])
    assert.deepStrictEqual(ids({ ...about, measure: "sts" }), ["sts_spearman", "load_s", "memory_peak"])
    const batch = ids({ kind: "batch", prompts: "p", documents: 8, batchSize: 8 })
    assert.include(batch, "docs_per_s")
    for (const id of ["ndcg_10", "recall_10", "sts_spearman"]) assert.notInclude(batch, id)
  })
})
