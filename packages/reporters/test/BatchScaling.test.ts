import { assert, describe, it } from "@effect/vitest"
import { reason, verdictOf } from "@rigbook/core"
import { batchScaling } from "../src/BatchScaling.ts"
import { absentValue, batchRun, embeddingRun, languageRun, value } from "./fixtures.ts"

const judgements = (...records: Parameters<typeof batchScaling>[0]) =>
  batchScaling(records).map((group) =>
    group.map(({ compared, scenario }) => [scenario.documents, scenario.batchSize, compared?.judgement]),
  )

describe("batchScaling", () => {
  it("compares with the smallest batch, in the order of the batches", () => {
    assert.deepStrictEqual(judgements(batchRun(1000, 64, 520), batchRun(1000, 32, 1050), batchRun(100, 32, 553.3)), [
      [
        [1000, 32, "base"],
        [1000, 64, "slower"],
      ],
      [
        [100, 32, "base"],
        [1000, 32, "better"],
      ],
    ])
  })

  it.for([
    [1049, "flat"],
    [1051, "better"],
    [951, "flat"],
    [949, "slower"],
  ] as const)("calls %i docs/s after 1000 docs/s %s", ([docsPerS, judgement]) => {
    const [group] = judgements(batchRun(1, 1, 1000), batchRun(2, 1, docsPerS))
    assert.strictEqual(group?.[1]?.[2], judgement)
  })

  it("does not judge a change that the intervals can't tell from none", () => {
    const spread = value("docs_per_s", "Documents per second", "docs/s", [500, 700, 900, 1100, 1300, 1500], "higher")
    const [group] = judgements(batchRun(1, 1, 1000, { values: [spread] }), batchRun(2, 1, 1200))
    assert.strictEqual(group?.[1]?.[2], "unclear")
  })

  it("leaves invalid and missing figures uncompared, and takes the next batch as the base", () => {
    const invalid = verdictOf([reason("device-mismatch", "requested cpu, ran on cuda:0")])
    const unmeasured = [absentValue("docs_per_s", "Documents per second", "docs/s", "every call failed")]
    const records = [
      batchRun(1, 1, 9000, { verdict: invalid }),
      batchRun(2, 1, 1000),
      batchRun(3, 1, 1, { values: unmeasured }),
      batchRun(4, 1, 2000),
    ]
    assert.deepStrictEqual(judgements(...records), [
      [
        [1, 1, undefined],
        [2, 1, "base"],
        [3, 1, undefined],
        [4, 1, "better"],
      ],
    ])
  })

  it("never compares what differs in more than the batch, and a batch alone with nothing", () => {
    const otherPrompts = { name: "news", sha256: "e".repeat(64), count: 5, license: "CC0-1.0" }
    assert.deepStrictEqual(judgements(batchRun(1, 1, 1), batchRun(2, 1, 2, { cell: { prompts: otherPrompts } })), [])
    assert.deepStrictEqual(judgements(embeddingRun(), languageRun()), [])
  })
})
