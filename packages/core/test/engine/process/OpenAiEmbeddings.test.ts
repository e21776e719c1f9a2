import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { openAiClient } from "../../../src/engine/process/OpenAiClient.ts"
import { embedTexts } from "../../../src/engine/process/OpenAiEmbeddings.ts"
import type { EmbedRequest } from "../../../src/scenario/Request.ts"
import { httpServer } from "../../fakes/httpServer.ts"

const base64 = (...numbers: ReadonlyArray<number>) => Buffer.from(new Float32Array(numbers).buffer).toString("base64")

/** Asks a server that answers each call as `answer` says: what came of it, and what it was asked. */
const embedded = Effect.fnUntraced(function* (
  request: Omit<EmbedRequest, "task">,
  answer: (input: ReadonlyArray<string>) => unknown,
) {
  const { port, requests } = yield* httpServer((response, { body }) => {
    const { input } = JSON.parse(body) as { readonly input: ReadonlyArray<string> }
    response.end(JSON.stringify(answer(input)))
  })
  const client = yield* openAiClient(port)
  let sent = 0
  const observer = { sent: () => void sent++, chunk: () => assert.fail("vectors don't come in chunks") }
  const result = yield* Effect.result(embedTexts(client, "mine", { task: "embed", ...request }, observer))
  return { result, asked: requests.map(({ body, url }) => ({ url, body: JSON.parse(body) as unknown })), sent }
})

describe("embedTexts", () => {
  it.live("asks for a batch a call, and adds up what came", () =>
    Effect.gen(function* () {
      const { asked, result, sent } = yield* embedded({ texts: ["a", "b", "c"], batchSize: 2 }, (input) => ({
        data: input.map(() => ({ embedding: base64(1, 2, 3) })),
        usage: { prompt_tokens: 5 * input.length },
      }))
      assert.strictEqual(sent, 1)
      assert.deepStrictEqual(
        asked,
        [["a", "b"], ["c"]].map((input) => ({
          url: "/v1/embeddings",
          body: { model: "mine", input, encoding_format: "base64" },
        })),
      )
      if (result._tag === "Failure") return yield* result.failure
      assert.deepStrictEqual(result.success, { vectors: { count: 3, dimensions: 3 }, inputTokens: 15 })
    }),
  )

  it.live("gives the vectors back when it is asked to, all in one", () =>
    Effect.gen(function* () {
      const { result } = yield* embedded({ texts: ["a", "bb", "ccc"], batchSize: 2, returnVectors: true }, (input) => ({
        data: input.map(({ length }) => ({ embedding: base64(length, -0.5) })),
      }))
      if (result._tag === "Failure") return yield* result.failure
      const vectors = { count: 3, dimensions: 2, base64: base64(1, -0.5, 2, -0.5, 3, -0.5) }
      assert.deepStrictEqual(result.success, { vectors })
    }),
  )

  it.live("counts no tokens where the server tells none", () =>
    Effect.gen(function* () {
      const { result } = yield* embedded({ texts: ["a"], batchSize: 8 }, () => ({ data: [{ embedding: base64(1) }] }))
      if (result._tag === "Failure") return yield* result.failure
      assert.deepStrictEqual(result.success, { vectors: { count: 1, dimensions: 1 } })
    }),
  )

  it.live("fails on an answer that is no vectors, though the server was content with it", () =>
    Effect.gen(function* () {
      for (const answer of [{}, { data: [{ embedding: [1, 2] }] }, []]) {
        const { result } = yield* embedded({ texts: ["a"], batchSize: 1 }, () => answer)
        if (result._tag === "Success") return assert.fail(`understood ${JSON.stringify(answer)}`)
        const { message, path, status } = result.failure
        assert.deepStrictEqual({ path, status }, { path: "/v1/embeddings", status: 200 })
        assert.include(message, "the vectors can't be understood")
      }
      return undefined
    }),
  )
})
