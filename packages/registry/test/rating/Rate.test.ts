import { assert, describe, it } from "@effect/vitest"
import { weightCount } from "@rigbook/core"
import type { Rating, Stars } from "@rigbook/core"
import { RatingRules } from "@rigbook/core"
import type { RunRecord } from "@rigbook/core"
import { reason, verdictOf } from "@rigbook/core"
import { Schema } from "effect"
import { fakeModel } from "../../../testkit/src/FakeBackend.ts"
import { fakeSpec } from "../../../testkit/src/FakeCell.ts"
import { pointsFor } from "../../src/rating/Points.ts"
import { rate } from "../../src/rating/Rate.ts"
import { ratedRecord } from "../fakes/ratings.ts"

const rulesWith = (change: object = {}, useCase: object = {}): RatingRules =>
  Schema.decodeUnknownSync(RatingRules)({
    version: 1,
    gates: { trials: 5, reasons: ["busy-host"] },
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
              [100, 1],
              [1000, 0.25],
            ],
          },
          {
            metric: "tpot",
            weight: 1,
            points: [
              [10, 1],
              [100, 0],
            ],
          },
        ],
        ...useCase,
      },
    ],
    ...change,
  })

const rated = (record: RunRecord, rules = rulesWith()): Rating["result"] | undefined =>
  rate(rules, rules.useCases[0], record)?.result

/** The stars of a run that has some. */
const starred = (record: RunRecord, rules = rulesWith()): Stars => {
  const result = rated(record, rules)
  if (result === undefined || "notRated" in result) throw new Error(`no stars: ${result?.notRated}`)
  return result
}

const notRated = (record: RunRecord, rules = rulesWith()): string | undefined => {
  const result = rated(record, rules)
  return result !== undefined && "notRated" in result ? result.notRated : undefined
}

describe("pointsFor", () => {
  const scale = [
    [10, 1],
    [20, 0.5],
    [40, 0],
  ] as const

  it("is linear between its bounds and flat beyond them", () => {
    assert.deepStrictEqual(
      [0, 10, 15, 20, 30, 40, 100].map((value) => pointsFor(scale, value)),
      [1, 1, 0.75, 0.5, 0.25, 0, 0],
    )
  })

  it.prop("never leaves the points of its bounds", [Schema.Finite], ([value]) => {
    const points = pointsFor(scale, value)
    return points >= 0 && points <= 1
  })
})

describe("rate", () => {
  it("takes the weighted geometric mean of the points", () => {
    // √(1 × 0.25) = ½: 3 stars.
    assert.deepInclude(rated(ratedRecord({ ttft: 1000, tpot: 10 })), { stars: 3, score: 0.5, coverage: 1 })
    const weighted = rulesWith(
      {},
      {
        criteria: [
          {
            metric: "ttft",
            weight: 3,
            points: [
              [100, 1],
              [1000, 0.0625],
            ],
          },
          {
            metric: "tpot",
            weight: 1,
            points: [
              [10, 1],
              [100, 0],
            ],
          },
        ],
      },
    )
    // 0.0625^(3/4) = 1/8: 1 + 4/8, to the half.
    const result = starred(ratedRecord({ ttft: 5000, tpot: 1 }), weighted)
    assert.strictEqual(result.stars, 1.5)
    assert.closeTo(result.score, 0.125, 1e-12)
  })

  it("gives one star where a criterion gives no points, however good the others are", () => {
    assert.deepInclude(rated(ratedRecord({ ttft: 1, tpot: 100 })), { stars: 1, score: 0 })
  })

  it("rates both ends of the intervals", () => {
    const record = ratedRecord({ ttft: { median: 100, low: 90, high: 1000 }, tpot: 10 })
    assert.deepInclude(rated(record), { stars: 5, low: 3, high: 5 })
  })

  it("stops at the rules' bound as long as quality is not measured", () => {
    assert.deepInclude(rated(ratedRecord({ ttft: 1, tpot: 1 }), rulesWith({ starsWithoutQuality: 4 })), {
      stars: 4,
      low: 4,
      high: 4,
      score: 1,
    })
  })

  const time = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 2000 }))
  it.prop(
    "never gives fewer stars for a faster run",
    [time, time, time, time],
    ([ttft, tpot, otherTtft, otherTpot]) => {
      const slow = starred(ratedRecord({ ttft, tpot }))
      const fast = starred(ratedRecord({ ttft: Math.min(ttft, otherTtft), tpot: Math.min(tpot, otherTpot) }))
      return fast.stars >= slow.stars
    },
  )

  it("says why a run has no stars", () => {
    const fast = { ttft: 1, tpot: 1 }
    const judged = (code: "noisy" | "busy-host" | "errors") =>
      ratedRecord(fast, { verdict: verdictOf([reason(code, "seen")]) })
    assert.strictEqual(notRated(judged("errors")), "the run is invalid")
    assert.strictEqual(notRated(judged("busy-host")), "its verdict has busy-host")
    assert.isUndefined(notRated(judged("noisy")))
    const random = fakeSpec({ model: fakeModel({ synthetic: { layers: 32 }, layers: 2 }) })
    assert.strictEqual(notRated(ratedRecord(fast, { cell: random })), "it has synthetic weights, 2 of 32 layers")
    const quantizedFrom = { format: "gguf", quantization: "Q4_1", bitsPerWeight: 5.74, sha256: "a" } as const
    const again = fakeSpec({ model: fakeModel({ quantizedFrom }) })
    assert.strictEqual(notRated(ratedRecord(fast, { cell: again })), "it has weights requantized from Q4_1")
    const few = { samples: { sha256: "a", warmup: 0, measured: 4 } }
    assert.strictEqual(notRated(ratedRecord(fast, few)), "4 of at least 5 trials")
    assert.strictEqual(notRated(ratedRecord({ ttft: 1 })), "too little is measured: tpot missing")
    const requiring = (requires: object) => notRated(ratedRecord(fast), rulesWith({}, { requires }))
    const { parameters } = fakeModel()
    assert.strictEqual(requiring({ parameters: 30e9 }), `it has ${weightCount(parameters)} weights, of at least 30 B`)
    // Rounded, they would be the same.
    assert.strictEqual(
      requiring({ parameters: parameters + 1 }),
      `it has ${parameters} weights, of at least ${parameters + 1}`,
    )
    assert.match(requiring({ contextLength: 1e7 }) ?? "", /^its context is unknown, of at least 10000000 tokens$/)
    const base = fakeSpec({ model: fakeModel({ chatTemplate: false }) })
    const chat = { requires: { chatTemplate: true } } as const
    assert.strictEqual(
      notRated(ratedRecord(fast, { cell: base }), rulesWith({}, chat)),
      "it has no chat template: it is a base model",
    )
    const talks = fakeSpec({ model: fakeModel({ chatTemplate: true }) })
    assert.isUndefined(notRated(ratedRecord(fast, { cell: talks }), rulesWith({}, chat)))
  })

  it("has nothing to say of a run that measures none of the criteria, or of another task", () => {
    assert.isUndefined(rated(ratedRecord({})))
    assert.isUndefined(rated(ratedRecord({ ttft: 1 }), rulesWith({}, { task: "embed" })))
  })
})
