import {
  type BackendError,
  type Completion,
  type EmbedRequest,
  type GenerateRequest,
  type ModelFacts,
  type Observer,
  Unsupported,
} from "@rigbook/core"
import { embedTexts, type HttpFailure, type OpenAiClient } from "@rigbook/core/engine"
import { Effect } from "effect"
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

/** Vectors of all texts, as long as the server computes as many at once as a call holds. */
export const embed = Effect.fnUntraced(function* (
  client: OpenAiClient,
  name: string,
  maxSequences: number,
  request: EmbedRequest,
  observer: Observer,
): Effect.fn.Return<Completion, BackendError | HttpFailure> {
  const { batchSize } = request
  if (batchSize > maxSequences)
    return yield* fail(
      new Unsupported({
        detail: `One forward pass was to hold ${batchSize} texts, but vLLM was opened for ${maxSequences}.`,
        fix: `Set maxSequences: ${batchSize} in backends.vllm, or batchSize: ${maxSequences} in the scenario.`,
      }),
    )
  return yield* embedTexts(client, name, request, observer, { refusesLonger: true })
})
