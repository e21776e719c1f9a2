import {
  Refused,
  Unsupported,
  type BackendError,
  type Completion,
  type EmbedRequest,
  type GenerateRequest,
  type HttpFailure,
  type ModelFacts,
  type Observer,
  type OpenAiClient,
} from "@rigbook/core"
import { Effect, Schema } from "effect"
import { fail } from "./Program.ts"

/** Greedy, exactly as many tokens as asked for, and each chunk with the count of tokens so far. */
const exactly = (outputTokens: number) => ({
  min_tokens: outputTokens,
  ignore_eos: true,
  temperature: 0,
  seed: 1,
  stream_options: { include_usage: true, continuous_usage_stats: true },
})

/** Streams one answer. `name` is the model's name at this server. */
export const generate = Effect.fnUntraced(function* (
  client: OpenAiClient,
  name: string,
  model: ModelFacts,
  request: GenerateRequest,
  observer: Observer,
): Effect.fn.Return<Completion, BackendError | HttpFailure> {
  if ("messages" in request.prompt && !model.chatTemplate)
    return yield* fail(
      new Unsupported({
        detail: "The prompt is a chat, but the model's folder has no chat template.",
        fix: "Use a prompt set of plain texts for this model, or its instruct version.",
      }),
    )
  const { completion } = yield* client.stream(request, name, exactly(request.outputTokens), observer)
  return completion
})

const Embeddings = Schema.Struct({
  data: Schema.Array(Schema.Struct({ embedding: Schema.String })),
  usage: Schema.optionalKey(Schema.Struct({ prompt_tokens: Schema.Int })),
})
const decodeEmbeddings = Schema.decodeUnknownEffect(Embeddings)

/** Vectors of all texts, `batchSize` of them a call. They come in base64: numbers in JSON would cost more than the model. */
export const embed = Effect.fnUntraced(function* (
  client: OpenAiClient,
  name: string,
  maxSequences: number,
  { batchSize, texts }: EmbedRequest,
  observer: Observer,
): Effect.fn.Return<Completion, BackendError | HttpFailure> {
  if (batchSize > maxSequences)
    return yield* fail(
      new Unsupported({
        detail: `One forward pass was to hold ${batchSize} texts, but vLLM was opened for ${maxSequences}.`,
        fix: `Set maxSequences: ${batchSize} in backends.vllm, or batchSize: ${maxSequences} in the scenario.`,
      }),
    )
  observer.sent()
  let count = 0
  let dimensions = 0
  let inputTokens: number | undefined
  for (let start = 0; start < texts.length; start += batchSize) {
    const body = { model: name, input: texts.slice(start, start + batchSize), encoding_format: "base64" }
    const answer = yield* client.postJson("/v1/embeddings", body).pipe(Effect.flatMap(understood))
    count += answer.data.length
    dimensions = Buffer.byteLength(answer.data[0]?.embedding ?? "", "base64") / Float32Array.BYTES_PER_ELEMENT
    if (answer.usage !== undefined) inputTokens = (inputTokens ?? 0) + answer.usage.prompt_tokens
  }
  return { vectors: { count, dimensions }, ...(inputTokens === undefined ? {} : { inputTokens }) }
})

const understood = (answer: unknown) =>
  Effect.mapError(decodeEmbeddings(answer), (error) =>
    fail(
      new Refused({
        detail: `vLLM's vectors are not to be understood: ${error.message}.`,
        fix: "Leave `vllm` out of backends.vllm and run `rigbook setup vllm`.",
      }),
    ),
  )
