import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { QUANTIZATIONS, type SyntheticModel } from "@rigbook/core"
import { freePort } from "@rigbook/core/engine"
import { makeSynthetic } from "@rigbook/core/models"
import { Effect, Schema } from "effect"
import { cpuInput } from "../../core/test/engine/cpuInput.ts"
import { llamacpp } from "../src/LlamaCpp.ts"
import { Options } from "../src/Options.ts"

const tiny = {
  format: "gguf",
  architecture: "llama",
  layers: 3,
  hiddenSize: 256,
  feedForward: 512,
  heads: 4,
  kvHeads: 2,
  vocabulary: 2000,
  contextLength: 512,
} as const

const MODELS: ReadonlyArray<SyntheticModel & { readonly format: "gguf" }> = [
  ...QUANTIZATIONS.map((quantization) => ({ ...tiny, quantization })),
  { ...tiny, architecture: "qwen2", feedForward: 544, quantization: "Q4_K_M" },
  { ...tiny, architecture: "qwen2", feedForward: 544, quantization: "Q5_K_M" },
  { ...tiny, experts: 8, expertsUsed: 2, quantization: "Q4_K_M" },
]

/** The tokens that were chosen, with their probabilities. */
const Answer = Schema.Struct({
  tokens_predicted: Schema.Int,
  completion_probabilities: Schema.Array(Schema.Struct({ prob: Schema.Finite.check(Schema.isGreaterThan(0)) })),
})

/** Whole words only: a lone byte is no text, and the server does not report it. */
const BYTES = Array.from({ length: 259 }, (_, id) => [id, false])

layer(NodeServices.layer, { excludeTestServices: true })("llama-server", (it) => {
  for (const model of MODELS)
    it.effect(
      `loads and computes with random weights: ${model.architecture}, ${model.experts ?? "no"} experts, ${model.quantization}`,
      () =>
        Effect.gen(function* () {
          const port = yield* freePort
          const config = Schema.decodeUnknownSync(Options)({ context: 256, port })
          const files = yield* makeSynthetic("Tiny", model)
          yield* llamacpp.open({
            config,
            runtime: yield* llamacpp.machine!.setup!,
            files,
            model: yield* llamacpp.inspect(files),
            task: "generate",
            ...(yield* cpuInput),
          })
          const body = {
            prompt: "The harbour was quiet.",
            n_predict: 8,
            n_probs: 1,
            post_sampling_probs: true,
            logit_bias: BYTES,
          }
          const answer = yield* Effect.promise(async () => {
            const response = await fetch(`http://127.0.0.1:${port}/completion`, {
              method: "POST",
              body: JSON.stringify(body),
            })
            return Schema.decodeUnknownSync(Answer)(await response.json())
          })
          assert.strictEqual(answer.tokens_predicted, 8)
          assert.lengthOf(answer.completion_probabilities, 8)
        }),
    )
})
