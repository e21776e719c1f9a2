import { makeSynthetic } from "@rigbook/core/models"
import { Effect } from "effect"

/** What the conformance suite tries the backend with: a model of random weights, 300 kB, made once. */
export const subject = Effect.map(
  makeSynthetic("llama-in-process", {
    format: "gguf",
    architecture: "llama",
    layers: 1,
    hiddenSize: 64,
    feedForward: 128,
    heads: 2,
    vocabulary: 512,
    contextLength: 2048,
    quantization: "F16",
  }),
  (files) => ({
    options: { context: 1024, threads: 1 },
    models: { generate: files },
  }),
)
