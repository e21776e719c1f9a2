import { Effect, Result } from "effect"
import type { Completion, EmbedRequest, Observer } from "../../scenario/Request.ts"
import type { Truncated } from "../../scenario/Truncated.ts"
import { HttpFailure } from "./HttpFailure.ts"
import type { OpenAiClient } from "./OpenAiClient.ts"
import { MOST_BYTES } from "./Transport.ts"
import { allAlike, readVectors } from "./Vectors.ts"

const PATH = "/v1/embeddings"

/**
 * Vectors of all texts, `batchSize` of them per call. They are requested in base64: numbers in JSON would cost more
 * than the model; but servers that only support those are read too. `model` is its name at this server. Fails with
 * `HttpFailure`; an answer whose vectors can't be used is a malformed one with status 200. Tokens are reported only if
 * each answer has its own count. Texts that a server has cut are found if it counts fewer tokens than they have words;
 * whether it cuts others is unknown, unless it `refusesLonger` ones.
 */
export const embedTexts = Effect.fnUntraced(function* (
  client: OpenAiClient,
  model: string,
  { batchSize, returnVectors = false, texts }: EmbedRequest,
  observer: Observer,
  { refusesLonger = false }: { readonly refusesLonger?: boolean } = {},
): Effect.fn.Return<Completion, HttpFailure> {
  const words = texts.map(wordsIn) // before the clock starts
  observer.sent()
  const all: Array<Float32Array> = []
  let inputTokens: number | undefined = 0
  let dropped = 0
  for (let start = 0; start < texts.length; start += batchSize) {
    const input = texts.slice(start, start + batchSize)
    const most = MOST_BYTES + input.length * VECTOR_BYTES
    const answer = yield* client.postJson(PATH, { model, input, encoding_format: "base64" }, most)
    const { tokens, vectors } = yield* Result.match(readVectors(answer, input.length), {
      onFailure: (detail) => Effect.fail(malformed(detail)),
      onSuccess: Effect.succeed,
    })
    const [width, before] = [vectors[0]?.length, all[0]?.length]
    if (before !== undefined && width !== before)
      return yield* malformed(`one call returns vectors of ${before} dimensions, another of ${width}`)
    all.push(...vectors)
    inputTokens = inputTokens === undefined || tokens === undefined ? undefined : inputTokens + tokens
    const least = words.slice(start, start + batchSize).reduce((sum, count) => sum + count, 0)
    dropped += Math.max(0, least - (tokens ?? least))
  }
  if (new Set(texts).size > 1 && allAlike(all))
    return yield* malformed(`all ${all.length} vectors are equal, though their texts differ`)
  return {
    vectors: { count: all.length, dimensions: all[0]?.length ?? 0, ...(returnVectors ? { base64: joined(all) } : {}) },
    ...(inputTokens === undefined ? {} : { inputTokens }),
    truncated: truncatedOf(dropped, inputTokens !== undefined, refusesLonger),
  }
})

/** Of one vector in an answer: numbers of 20 digits for the widest vectors in use, twice. */
const VECTOR_BYTES = 2 ** 18

/** No tokenizer in use makes fewer tokens of a text than it has words. */
const wordsIn = (text: string): number => text.match(/\S+/g)?.length ?? 0

const truncatedOf = (dropped: number, counted: boolean, refusesLonger: boolean): Truncated => {
  if (dropped > 0) return { tokens: dropped, atLeast: true }
  if (refusesLonger) return { documents: 0, tokens: 0 }
  return {
    unknown: counted ? "the server does not report whether it cuts texts" : "the server does not count tokens",
  }
}

const joined = (vectors: ReadonlyArray<Float32Array>): string =>
  Buffer.concat(vectors.map((vector) => Buffer.from(vector.buffer))).toString("base64")

const malformed = (detail: string) =>
  new HttpFailure({
    path: PATH,
    kind: "malformed",
    status: 200,
    detail: `the vectors can't be used: ${detail}`,
  })
