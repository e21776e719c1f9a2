import { makeSynthetic } from "@rigbook/core/models"
import { Effect } from "effect"

/** What the conformance suite tries the backend with: here a model of random weights, 300 kB, made once. */
export const subject = Effect.map(
  makeSynthetic("my-engine", {
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
    options: {},
    models: { generate: files, embed: files },
    // Faults that only you can bring about; the cases of those that are left out are shown as not run.
    faults: { missingProgram: { program: "/nowhere/my-engine" } },
  }),
)
