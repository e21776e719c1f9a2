import { makeSynthetic } from "@rigbook/core/models"
import { Effect } from "effect"

/** Random weights have no pooling of their own. */
const SMALL = { context: 512, threads: 1, pooling: "mean" }

/**
 * What the conformance suite tests the backend with: a model of random weights, 2 MB, and the installed llama-server.
 * Its heads are so wide that keys and values take 32 KiB a token.
 */
export const subject = Effect.map(
  makeSynthetic("llamacpp", {
    format: "gguf",
    architecture: "llama",
    layers: 4,
    hiddenSize: 64,
    feedForward: 128,
    heads: 8,
    keyLength: 256,
    vocabulary: 512,
    contextLength: 512,
    quantization: "Q8_0",
  }),
  (files) => ({
    options: SMALL,
    models: { generate: files, embed: files },
    placement: "cpu" as const,
    faults: {
      missingProgram: { ...SMALL, binary: "/nowhere/llama-server" },
      unsupported: { ...SMALL, flashAttention: "off", kvCache: "q8_0" },
      // 1.3 TB in total; more tokens would take gigabytes for their table before the engine refuses.
      outOfMemory: { options: { ...SMALL, context: 40_000_000 } },
    },
  }),
)
