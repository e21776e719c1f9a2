import { assert, describe, it } from "@effect/vitest"
import type { Answers } from "@rigbook/core"
import { Schema } from "effect"
import { agreementOf, prefixShare } from "../../src/registry/Agreement.ts"

const texts = (first: string, ...rest: ReadonlyArray<string>): Answers => ({
  texts: [{ text: first, inputTokens: 7 }, ...rest.map((text) => ({ text, inputTokens: 7 }))],
  outputTokens: 32,
})
const vectors = (...rows: ReadonlyArray<ReadonlyArray<number>>): Answers => ({
  vectors: {
    count: rows.length,
    dimensions: rows[0]!.length,
    base64: Buffer.from(Float32Array.from(rows.flat()).buffer).toString("base64"),
  },
})

describe("prefixShare", () => {
  it("is what the texts begin with alike, over the longer", () => {
    for (const [a, b, share] of [
      ["abcd", "abcd", 1],
      ["", "", 1],
      ["", "a", 0],
      ["abcd", "abxd", 0.5],
      ["ab", "abcd", 0.5],
      ["🧨🧨", "🧨x", 0.5],
      ["🧨", "🧧", 0], // half of the code units are the same
      ["xbcd", "abcd", 0],
    ] as const)
      assert.strictEqual(prefixShare(a, b), share, `${a} ${b}`)
  })

  it.prop("is symmetric, within 0 and 1, and 1 for equal texts only", [Schema.String, Schema.String], ([a, b]) => {
    const share = prefixShare(a, b)
    assert.strictEqual(prefixShare(b, a), share)
    assert.isTrue(share >= 0 && share <= 1)
    assert.strictEqual(prefixShare(a, a), 1)
    assert.strictEqual(share === 1, a === b)
    assert.strictEqual(prefixShare(`same ${a}`, `same ${b}`) >= share, true)
  })
})

describe("agreementOf texts", () => {
  it("is the mean over the prompts, with those that are identical and read as the same tokens", () => {
    assert.deepStrictEqual(agreementOf(texts("abcd", "abcd"), texts("abxx", "abcd")), {
      kind: "text",
      meanPrefix: 0.75,
      identical: 1,
      prompts: 2,
      sameInputTokens: 2,
    })
  })

  it("reports prompts that are read as other tokens, unless an engine does not report", () => {
    const read = (inputTokens?: number): Answers => ({
      texts: [{ text: "a", ...(inputTokens === undefined ? {} : { inputTokens }) }],
      outputTokens: 32,
    })
    assert.deepInclude(agreementOf(read(7), read(8)), { sameInputTokens: 0 })
    assert.notProperty(agreementOf(read(7), read()), "sameInputTokens")
  })
})

describe("agreementOf vectors", () => {
  it("is the cosine: least and mean", () => {
    assert.deepStrictEqual(agreementOf(vectors([1, 0], [0, 2], [3, 4]), vectors([5, 0], [0, -1], [4, 3])), {
      kind: "vectors",
      minCosine: -1,
      meanCosine: (1 - 1 + 24 / 25) / 3,
      documents: 3,
    })
  })

  const Value = Schema.Finite.check(Schema.isBetween({ minimum: -1000, maximum: 1000 }))
  const Vector = Schema.Tuple([Value, Value, Value])
  it.prop("is symmetric, and 1 for a vector and itself", [Vector, Vector], ([a, b]) => {
    // A first number that float32 does not take for zero gives each a direction.
    const [ours, theirs] = [vectors([1, ...a], [2, ...b]), vectors([1, ...b], [2, ...a])]
    assert.deepStrictEqual(agreementOf(ours, theirs), agreementOf(theirs, ours))
    const itself = { kind: "vectors", minCosine: 1, meanCosine: 1, documents: 2 } as const
    assert.deepStrictEqual(agreementOf(ours, ours), itself)
  })
})

describe("agreementOf what can't be compared", () => {
  const absent = { absent: "the backend does not return text" }
  const cases: ReadonlyArray<readonly [Answers, Answers, string]> = [
    [texts("a"), absent, "the backend does not return text"],
    [absent, absent, "the backend does not return text"],
    [absent, { absent: "another reason" }, "another reason; the backend does not return text"],
    [texts("a"), vectors([1]), "one answered with texts, the other with vectors"],
    [texts("a"), texts("a", "b"), "1 and 2 prompts were sent"],
    [texts("a"), { texts: [{ text: "a" }], outputTokens: 16 }, "16 and 32 tokens were requested"],
    [vectors([1, 2]), vectors([1, 2, 3]), "the vectors have 2 and 3 dimensions"],
    [vectors([1, 2]), vectors([1, 2], [1, 2]), "1 and 2 documents were sent"],
    [vectors([1, 2]), vectors([0, 0]), "a vector has no direction: it is zero, or not finite"],
    [vectors([1, 2]), vectors([1, Infinity]), "a vector has no direction: it is zero, or not finite"],
    [
      vectors([1, 2]),
      { vectors: { count: 1, dimensions: 2, base64: "AAAA" } },
      "the stored vectors don't have the length that their number and dimensions give",
    ],
  ]
  for (const [a, b, why] of cases)
    it(`says why: ${why}`, () => {
      assert.deepStrictEqual(agreementOf(a, b), { absent: why })
      assert.deepStrictEqual(agreementOf(b, a), { absent: why })
    })
})
