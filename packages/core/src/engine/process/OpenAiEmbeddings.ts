import { Effect, Schema } from "effect"
import type { Completion, EmbedRequest, Observer } from "../../scenario/Request.ts"
import { HttpFailure } from "./HttpFailure.ts"
import type { OpenAiClient } from "./OpenAiClient.ts"

const PATH = "/v1/embeddings"

const Embeddings = Schema.Struct({
  data: Schema.Array(Schema.Struct({ embedding: Schema.String })),
  usage: Schema.optionalKey(Schema.Struct({ prompt_tokens: Schema.Int })),
})
const decode = Schema.decodeUnknownEffect(Embeddings)

/**
 * Vectors of all texts, `batchSize` of them a call. They come in base64: numbers in JSON would cost more than the
 * model. `model` is its name at this server. Fails with `HttpFailure`; an answer that can't be understood is one with
 * status 200.
 */
export const embedTexts = Effect.fnUntraced(function* (
  client: OpenAiClient,
  model: string,
  { batchSize, returnVectors = false, texts }: EmbedRequest,
  observer: Observer,
): Effect.fn.Return<Completion, HttpFailure> {
  observer.sent()
  const returned: Array<Buffer> = []
  let count = 0
  let dimensions = 0
  let inputTokens: number | undefined
  for (let start = 0; start < texts.length; start += batchSize) {
    const body = { model, input: texts.slice(start, start + batchSize), encoding_format: "base64" }
    const answer = yield* client.postJson(PATH, body).pipe(Effect.flatMap(understood))
    count += answer.data.length
    dimensions = Buffer.byteLength(answer.data[0]?.embedding ?? "", "base64") / Float32Array.BYTES_PER_ELEMENT
    if (returnVectors) returned.push(...answer.data.map(({ embedding }) => Buffer.from(embedding, "base64")))
    if (answer.usage !== undefined) inputTokens = (inputTokens ?? 0) + answer.usage.prompt_tokens
  }
  const base64 = returnVectors ? { base64: Buffer.concat(returned).toString("base64") } : {}
  return { vectors: { count, dimensions, ...base64 }, ...(inputTokens === undefined ? {} : { inputTokens }) }
})

const understood = (answer: unknown) =>
  Effect.mapError(
    decode(answer),
    ({ message }) =>
      new HttpFailure({
        path: PATH,
        kind: "malformed",
        status: 200,
        detail: `the vectors can't be understood: ${message}`,
      }),
  )
