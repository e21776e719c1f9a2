import type { SyntheticGguf, SyntheticSafetensors } from "../../../src/model/SyntheticModel.ts"

/** Public hyperparameters of well-known models. */
export const llama8b = {
  format: "gguf",
  architecture: "llama",
  layers: 32,
  hiddenSize: 4096,
  feedForward: 14_336,
  heads: 32,
  kvHeads: 8,
  vocabulary: 128_256,
  contextLength: 131_072,
  quantization: "Q4_K_M",
} as const satisfies SyntheticGguf

export const llama70b = { ...llama8b, layers: 80, hiddenSize: 8192, feedForward: 28_672, heads: 64 } as const

export const mixtral = { ...llama8b, vocabulary: 32_000, contextLength: 32_768, experts: 8, expertsUsed: 2 } as const

export const qwen72b = {
  ...llama70b,
  architecture: "qwen2",
  feedForward: 29_568,
  vocabulary: 152_064,
  contextLength: 32_768,
} as const

/** paraphrase-multilingual-MiniLM-L12-v2. */
export const miniLm = {
  format: "safetensors",
  architecture: "bert",
  layers: 12,
  hiddenSize: 384,
  feedForward: 1536,
  heads: 12,
  vocabulary: 250_037,
  contextLength: 128,
  positions: 512,
  quantization: "F32",
} as const satisfies SyntheticSafetensors

export const bgeM3 = {
  ...miniLm,
  architecture: "xlm-roberta",
  layers: 24,
  hiddenSize: 1024,
  feedForward: 4096,
  heads: 16,
  vocabulary: 250_002,
  contextLength: 8192,
  positions: 8194,
} as const

/** Small enough to be written in a test. */
export const tiny = {
  ...llama8b,
  layers: 3,
  depth: 2,
  hiddenSize: 256,
  feedForward: 512,
  heads: 4,
  kvHeads: 2,
  vocabulary: 600,
  contextLength: 512,
} as const
