import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { openAiClient } from "../../../src/engine/process/OpenAiClient.ts"
import { embedTexts } from "../../../src/engine/process/OpenAiEmbeddings.ts"
import type { EmbedRequest } from "../../../src/scenario/Request.ts"
import { httpServer } from "../../fakes/httpServer.ts"

const base64 = (...numbers: ReadonlyArray<number>) => Buffer.from(new Float32Array(numbers).buffer).toString("base64")

/** Asks a server that answers each call as `answer` says: what came of it, and what it was sent. */
const embedded = Effect.fnUntraced(function* (
  request: Omit<EmbedRequest, "task">,
  answer: (input: ReadonlyArray<string>) => unknown,
  options: Parameters<typeof embedTexts>[4] = {},
) {
  const { port, requests } = yield* httpServer((response, { body }) => {
    const { input } = JSON.parse(body) as { readonly input: ReadonlyArray<string> }
    response.end(JSON.stringify(answer(input)))
  })
  const client = yield* openAiClient(port)
  let sent = 0
  const observer = { sent: () => void sent++, chunk: () => assert.fail("vectors don't come in chunks") }
  const result = yield* Effect.result(embedTexts(client, "mine", { task: "embed", ...request }, observer, options))
  return { result, requested: requests.map(({ body, url }) => ({ url, body: JSON.parse(body) as unknown })), sent }
})

describe("embedTexts", () => {
  it.live("sends a batch a call, and adds up what came", () =>
    Effect.gen(function* () {
      const { requested, result, sent } = yield* embedded({ texts: ["a", "b", "c"], batchSize: 2 }, (input) => ({
        data: input.map((text) => ({ embedding: base64(1, 2, text.charCodeAt(0)) })),
        usage: { prompt_tokens: 5 * input.length },
      }))
      assert.strictEqual(sent, 1)
      assert.deepStrictEqual(
        requested,
        [["a", "b"], ["c"]].map((input) => ({
          url: "/v1/embeddings",
          body: { model: "mine", input, encoding_format: "base64" },
        })),
      )
      if (result._tag === "Failure") return yield* result.failure
      assert.deepStrictEqual(result.success, {
        vectors: { count: 3, dimensions: 3 },
        inputTokens: 15,
        truncated: { unknown: "the server does not report whether it cuts texts" },
      })
    }),
  )

  it.live("gives the vectors back when it is asked to, all in one", () =>
    Effect.gen(function* () {
      const { result } = yield* embedded({ texts: ["a", "bb", "ccc"], batchSize: 2, returnVectors: true }, (input) => ({
        data: input.map(({ length }) => ({ embedding: base64(length, -0.5) })),
      }))
      if (result._tag === "Failure") return yield* result.failure
      const vectors = { count: 3, dimensions: 2, base64: base64(1, -0.5, 2, -0.5, 3, -0.5) }
      assert.deepStrictEqual(result.success.vectors, vectors)
    }),
  )

  it.live("counts no tokens where the server tells none", () =>
    Effect.gen(function* () {
      const { result } = yield* embedded({ texts: ["a"], batchSize: 8 }, () => ({ data: [{ embedding: base64(1) }] }))
      if (result._tag === "Failure") return yield* result.failure
      assert.deepStrictEqual(result.success, {
        vectors: { count: 1, dimensions: 1 },
        truncated: { unknown: "the server does not count tokens" },
      })
    }),
  )

  it.live("counts no tokens where some answers tell none", () =>
    Effect.gen(function* () {
      const { result } = yield* embedded({ texts: ["a", "bb", "ccc"], batchSize: 1 }, ([text = ""]) => ({
        data: [{ embedding: base64(text.length) }],
        usage: text === "bb" ? null : { prompt_tokens: 5 },
      }))
      if (result._tag === "Failure") return yield* result.failure
      assert.notProperty(result.success, "inputTokens")
    }),
  )

  it.live("finds texts that a server has cut by its own count, and trusts one that refuses them", () =>
    Effect.gen(function* () {
      const texts = ["a b c d e f", "a", "a b"]
      const answer = (most: number) => (input: ReadonlyArray<string>) => ({
        data: input.map((text) => ({ embedding: [text.length] })),
        usage: { prompt_tokens: input.reduce((sum, text) => sum + Math.min(most, text.split(" ").length), 0) },
      })
      const truncated = (most: number, refusesLonger = false) =>
        Effect.map(embedded({ texts, batchSize: 2 }, answer(most), { refusesLonger }), ({ result }) =>
          result._tag === "Success" ? result.success.truncated : undefined,
        )
      assert.deepStrictEqual(yield* truncated(2), { tokens: 4, atLeast: true })
      assert.deepStrictEqual(yield* truncated(2, true), { tokens: 4, atLeast: true })
      assert.deepStrictEqual(yield* truncated(8, true), { documents: 0, tokens: 0 })
      assert.deepStrictEqual(yield* truncated(8), { unknown: "the server does not report whether it cuts texts" })
    }),
  )

  it.live("takes one and the same vector for one and the same text", () =>
    Effect.gen(function* () {
      const { result } = yield* embedded({ texts: ["a", "a"], batchSize: 1 }, () => ({ data: [{ embedding: [1] }] }))
      if (result._tag === "Failure") return yield* result.failure
      assert.deepStrictEqual(result.success.vectors, { count: 2, dimensions: 1 })
    }),
  )

  it.live("fails on vectors that can't be used, though the server was content with them", () =>
    Effect.gen(function* () {
      const width = (text: string) => Array.from({ length: text.length }, () => 1)
      for (const [says, answer] of [
        ["no `data`", () => ({})],
        ["1 vectors for 2 texts", () => ({ data: [{ embedding: [1] }] })],
        [
          "all 3 vectors are equal",
          (input: ReadonlyArray<string>) => ({ data: input.map(() => ({ embedding: [1, 2] })) }),
        ],
        [
          "one call returns vectors of 1 dimensions, another of 3",
          (input: ReadonlyArray<string>) => ({ data: input.map(() => ({ embedding: width(input[0]!) })) }),
        ],
      ] as const) {
        const { result } = yield* embedded({ texts: ["a", "bb", "ccc"], batchSize: 2 }, answer)
        if (result._tag === "Success") return assert.fail(`took what ${says}`)
        const { kind, message, path, status } = result.failure
        assert.deepStrictEqual({ kind, path, status }, { kind: "malformed", path: "/v1/embeddings", status: 200 })
        assert.include(message, says)
      }
      return undefined
    }),
  )
})
