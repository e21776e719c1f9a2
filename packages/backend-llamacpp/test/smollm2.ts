import { ModelFacts } from "@rigbook/core"

const FACTS = {
  format: "gguf",
  architecture: "llama",
  parameters: 134_515_008,
  quantization: "Q4_1",
  bitsPerWeight: 5.74,
  weightBytes: 96_576_768,
  fileBytes: 98_362_432,
  tensorBytes: {
    input: 30_081_024,
    layers: Array.from({ length: 30 }, () => 2_216_448),
    output: 2304,
    tied: true,
  },
  layers: 30,
  contextLength: 8192,
  hiddenSize: 576,
  feedForward: 1536,
  heads: 9,
  kvHeads: 3,
  keyLength: 64,
  valueLength: 64,
  vocabulary: 49_152,
  chatTemplate: true,
  sha256: "b".repeat(64),
} as const

/** SmolLM2-135M-Instruct.Q4_1 as `readGguf` reads it; the recorded placements are of this file. */
export const smollm2 = new ModelFacts(FACTS)

/** The same with other facts. */
export const smollm2With = (change: Partial<ModelFacts>): ModelFacts => new ModelFacts({ ...FACTS, ...change })
