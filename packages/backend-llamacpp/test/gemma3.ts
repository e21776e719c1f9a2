import { ModelFacts } from "@rigbook/core"

/** Gemma 3 270M Q4_K_M: heads wider than its state divided by them, and windows of 512 tokens but for every sixth layer. */
export const gemma3 = new ModelFacts({
  format: "gguf",
  architecture: "gemma3",
  parameters: 268_098_176,
  quantization: "Q4_K_M",
  bitsPerWeight: 7.36,
  weightBytes: 246_584_320,
  fileBytes: 253_114_208,
  layers: 18,
  contextLength: 32_768,
  hiddenSize: 640,
  feedForward: 2048,
  heads: 4,
  kvHeads: 1,
  keyLength: 256,
  valueLength: 256,
  slidingWindow: { tokens: 512, layers: [0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 12, 13, 14, 15, 16] },
  vocabulary: 262_144,
  chatTemplate: false,
  sha256: "c".repeat(64),
})
