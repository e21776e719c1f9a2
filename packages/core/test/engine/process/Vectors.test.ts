import { assert, describe, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import { allAlike, readVectors } from "../../../src/engine/process/Vectors.ts"

const base64 = (...numbers: ReadonlyArray<number>) => Buffer.from(new Float32Array(numbers).buffer).toString("base64")
const answered = (...embeddings: ReadonlyArray<unknown>) => ({ data: embeddings.map((embedding) => ({ embedding })) })
const wrong = (answer: unknown, texts = 2): string =>
  Result.match(readVectors(answer, texts), { onFailure: (detail) => detail, onSuccess: () => "nothing" })
const tokens = (usage: unknown) => Result.getOrThrow(readVectors({ ...answered(base64(1)), usage }, 1)).tokens

/** Vectors of one width, as many as there are, each with something in it. */
const Rows = Schema.Struct({
  first: Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1000 }))).check(
    Schema.isMinLength(1),
    Schema.isMaxLength(16),
  ),
  count: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 8 })),
})

describe("readVectors", () => {
  it.prop("reads what was written, in base64 and as numbers, in the order of the indexes", [Rows], ([rows]) => {
    const vectors = Array.from({ length: rows.count }, (_, at) => rows.first.map((value) => value / 7 - at * 2000))
    const expected = vectors.map((vector) => Float32Array.from(vector))
    for (const write of [
      (vector: ReadonlyArray<number>) => base64(...vector),
      (vector: ReadonlyArray<number>) => vector,
    ])
      for (const data of [
        vectors.map((vector) => ({ embedding: write(vector) })),
        vectors.map((vector, index) => ({ index, embedding: write(vector) })).toReversed(),
      ])
        assert.deepStrictEqual(readVectors({ data }, rows.count), Result.succeed({ vectors: expected }))
  })

  it.prop("takes no more and no fewer than there are texts", [Rows], ([{ count, first }]) => {
    const answer = answered(...Array.from({ length: count }, () => base64(...first)))
    for (const texts of [count - 1, count + 1, 2 * count])
      assert.strictEqual(wrong(answer, texts), `${count} vectors for ${texts} texts`)
  })

  it("says what can't be used, and of which text", () => {
    for (const value of [NaN, Infinity, -Infinity])
      assert.strictEqual(wrong(answered(base64(1), base64(value))), "the vector of text 2 is not finite")
    assert.strictEqual(wrong(answered([1e300], [1])), "the vector of text 1 is not finite")
    assert.strictEqual(wrong(answered(base64(1, 2), base64(0, -0))), "the vector of text 2 is all zeros")
    for (const empty of ["", []]) assert.strictEqual(wrong(answered(empty, empty)), "the vector of text 1 is empty")
    for (const odd of ["!!!!", base64(1, 2).slice(0, 7), `${base64(1)}*`, [1, null], ["1"], [[1]], 7, null, {}])
      assert.match(wrong(answered(odd, odd)), /text 1 is neither float32 in base64 nor a list of numbers/)
    assert.match(wrong(answered([1, 2], base64(1))), /text 2 has 1 dimensions, the first has 2/)
  })

  it("wants each index once, where there are some", () => {
    for (const [a, b] of [
      [0, 0],
      [1, 2],
      [0, undefined],
      ["0", "1"],
    ])
      assert.match(
        wrong({
          data: [
            { index: a, embedding: [1] },
            { index: b, embedding: [2] },
          ],
        }),
        /their indexes/,
      )
  })

  it("wants an answer with vectors", () => {
    for (const answer of [{}, [], null, "", { data: {} }, { data: [{}, {}] }]) assert.match(wrong(answer), /no `data`/)
  })

  it("tells tokens only where a number of them is reported", () => {
    assert.strictEqual(tokens({ prompt_tokens: 9 }), 9)
    for (const usage of [undefined, null, {}, 0, ...[0, -1, 2.5, null, "9"].map((n) => ({ prompt_tokens: n }))])
      assert.isUndefined(tokens(usage))
  })
})

describe("allAlike", () => {
  it("is so only where each is the first one", () => {
    const [a, b] = [Float32Array.of(1, 2), Float32Array.of(1, 3)]
    assert.isTrue(allAlike([a, a.slice()]))
    assert.isFalse(allAlike([a, a, b]))
  })
})
