import { assert, describe, it } from "@effect/vitest"
import { RatingRules, reason, verdictOf } from "@rigbook/core"
import type { Recommendation, RunRecord } from "@rigbook/core"
import { Schema } from "effect"
import { rate } from "../../src/rating/Rate.ts"
import { recommend } from "../../src/rating/Recommend.ts"
import { type Figures, ratedRecord } from "../fakes/ratings.ts"

const rules = Schema.decodeUnknownSync(RatingRules)({
  version: 1,
  gates: { trials: 5, reasons: [] },
  coverage: 0.6,
  starsWithoutQuality: 5,
  useCases: [
    {
      id: "chat",
      title: "Chat",
      task: "generate",
      criteria: [
        {
          metric: "ttft",
          weight: 1,
          points: [
            [0, 1],
            [100, 0],
          ],
        },
      ],
    },
  ],
})

const model = (id: string, figures: Figures, architecture = "llama"): RunRecord =>
  ratedRecord(figures, { id: `run-of-${id}-${JSON.stringify(figures)}` }, id, architecture)

const recommended = (...records: ReadonlyArray<RunRecord>) => {
  const ratings = records.map((record) => rate(rules, rules.useCases[0], record)!)
  const forward = recommend(rules.useCases, ratings)
  assert.deepStrictEqual(recommend(rules.useCases, ratings.toReversed()), forward)
  return forward.map(({ result }) =>
    "best" in result
      ? {
          best: result.best.map(({ record }) => record.cell.config.id),
          alternative: result.alternative?.record.cell.config.id,
        }
      : { nobody: result.nobody.length },
  )
}

describe("recommend", () => {
  it("names the best, and the best of another architecture beside it", () => {
    assert.deepStrictEqual(
      recommended(
        model("slow", { ttft: 80 }),
        model("fast", { ttft: 10 }),
        model("same-family", { ttft: 40 }),
        model("other", { ttft: 60 }, "qwen2"),
      ),
      [{ best: ["fast"], alternative: "other" }],
    )
  })

  it("tells a tie as a tie: where the ranges of stars meet", () => {
    assert.deepStrictEqual(
      recommended(
        model("a", { ttft: { median: 20, low: 10, high: 40 } }),
        model("b", { ttft: { median: 30, low: 20, high: 40 } }, "qwen2"),
        model("c", { ttft: 90 }),
      ),
      [{ best: ["a", "b"], alternative: undefined }],
    )
  })

  it("takes a model's best run", () => {
    assert.deepStrictEqual(
      recommended(model("a", { ttft: 90 }), model("a", { ttft: 5 }), model("b", { ttft: 50 }, "b")),
      [{ best: ["a"], alternative: "b" }],
    )
  })

  it("puts valid runs before faster ones that are suspect, and takes suspect ones where nothing else is there", () => {
    const noisy = { verdict: verdictOf([reason("noisy", "much")]) }
    const fast = ratedRecord({ ttft: 5 }, { id: "fast", ...noisy }, "fast")
    assert.deepStrictEqual(recommended(fast, model("slow", { ttft: 80 })), [{ best: ["slow"], alternative: undefined }])
    assert.deepStrictEqual(recommended(fast), [{ best: ["fast"], alternative: undefined }])
  })

  it("takes of a family's runs that the stars can't tell apart the one with least memory", () => {
    const wide = { median: 20, low: 10, high: 60 }
    const [large, small] = [model("a", { ttft: 15, memory_peak: 2 }), model("a", { ttft: wide, memory_peak: 1 })]
    const [found] = recommend(
      rules.useCases,
      [large, small].map((record) => rate(rules, rules.useCases[0], record)!),
    )
    assert.isTrue(found !== undefined && "best" in found.result && found.result.best[0].record === small)
  })

  it("has one entry a family", () => {
    const records = [model("a", { ttft: 20 }), model("a-f16", { ttft: 21 }), model("b", { ttft: 22 }, "b")]
    const ratings = records.map((record) => rate(rules, rules.useCases[0], record)!)
    const families = new Map([
      ["a", "a"],
      ["a-f16", "a"],
    ])
    const [{ result }] = recommend(rules.useCases, ratings, families) as [Recommendation]
    assert.isTrue("best" in result)
    if ("best" in result)
      assert.deepStrictEqual(
        [...result.best, result.alternative].flatMap((rating) => rating?.record.cell.config.id ?? []),
        ["a", "b"],
      )
  })

  it("says that nobody qualifies", () => {
    const few = ratedRecord({ ttft: 1 }, { samples: { sha256: "a", warmup: 0, measured: 1 } })
    assert.deepStrictEqual(recommended(few), [{ nobody: 1 }])
  })
})
