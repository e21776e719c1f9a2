import {
  type BackendError,
  type Completion,
  type EmbedRequest,
  type EngineTimings,
  type GenerateRequest,
  type ModelFacts,
  type Observer,
  Unsupported,
} from "@rigbook/core"
import { embedTexts, type HttpFailure, type OpenAiClient } from "@rigbook/core/engine"
import { Effect, Option, Schema } from "effect"
import { fail } from "./Program.ts"

/** Greedy, exactly as many tokens as asked for, and each prompt computed anew. */
const EXACT = { cache_prompt: false, ignore_eos: true, temperature: 0, seed: 1 }

const Timings = Schema.Struct({
  cache_n: Schema.optionalKey(Schema.Int),
  prompt_n: Schema.Int,
  prompt_ms: Schema.Finite,
  predicted_n: Schema.Int,
  predicted_ms: Schema.Finite,
})
const decodeTimings = Schema.decodeUnknownOption(Timings)

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
        detail: "The prompt is a chat, but the model's file has no chat template.",
        fix: "Use a prompt set of plain texts for this model, or its instruct version.",
      }),
    )
  const { completion, last } = yield* client.stream(request, name, EXACT, observer)
  const timings = Option.getOrUndefined(decodeTimings(last["timings"]))
  if (timings === undefined) return completion
  const { cache_n: cachedTokens } = timings
  return {
    ...completion,
    ...(cachedTokens === undefined ? {} : { cachedTokens }),
    timings: engineTimings(timings),
  }
})

/** The first token is sampled from the prompt's own pass, so it is none of those that `predicted_ms` was spent on. */
const engineTimings = (timings: typeof Timings.Type): EngineTimings => ({
  promptTokens: timings.prompt_n,
  promptMs: timings.prompt_ms,
  decodeTokens: Math.max(0, timings.predicted_n - 1),
  decodeMs: timings.predicted_ms,
})

/** Vectors of all texts, as long as the server computes as many at once as a call holds. */
export const embed = Effect.fnUntraced(function* (
  client: OpenAiClient,
  name: string,
  parallel: number,
  request: EmbedRequest,
  observer: Observer,
): Effect.fn.Return<Completion, BackendError | HttpFailure> {
  const { batchSize } = request
  if (batchSize > parallel)
    return yield* fail(
      new Unsupported({
        detail: `One forward pass was to hold ${batchSize} texts, but llama-server has slots for ${parallel}.`,
        fix: `Set parallel: ${batchSize} in backends.llamacpp, or batchSize: ${parallel} in the scenario.`,
      }),
    )
  return yield* embedTexts(client, name, request, observer, { refusesLonger: true })
})
