import type { ModelFacts } from "../../model/Model.ts"

/** Layers of a group, and whether its first or its last sees the full context; a default window. */
interface Habit {
  readonly period: number
  readonly first?: true
  readonly tokens?: number
}

/** By GGUF's names of architectures. Source: `load_swa_pattern` and `n_swa` in llama.cpp's `src/models/*.cpp`. */
const HABITS: Readonly<Record<string, Habit>> = {
  afmoe: { period: 4 },
  cohere2: { period: 4 },
  cohere2moe: { period: 4, first: true },
  exaone4: { period: 4 },
  "exaone-moe": { period: 4, tokens: 128 },
  gemma2: { period: 2, tokens: 4096 },
  gemma3: { period: 6 },
  gemma3n: { period: 5 },
  "gemma-embedding": { period: 6 },
  "gpt-oss": { period: 2 },
  laguna: { period: 4, first: true },
  // Chunked attention, which is cached like a window.
  llama4: { period: 4, tokens: 8192 },
  mellum: { period: 4 },
  "muse-glimmer": { period: 4 },
  olmo2: { period: 4 },
  plamo3: { period: 8 },
  smallthinker: { period: 4, first: true },
}

/** Architectures whose files name a window that llama.cpp does not use. */
const UNUSED = new Set(["phi3", "qwen2", "qwen2moe", "qwen3", "qwen3moe", "llama", "mistral3", "starcoder2"])

interface Reported {
  readonly architecture: string
  readonly layers: number | undefined
  /** Tokens that a layer looks back. */
  readonly tokens: number | undefined
  /** A period, or for each layer whether it has a window; the file overrides the architecture's default. */
  readonly pattern: unknown
}

/**
 * Which layers have a sliding window; `undefined` if none has, or if it is unknown which: such a model is assumed
 * to cache the full context in every layer, which is the most that it can need.
 */
export const slidingWindow = ({
  architecture,
  layers,
  pattern,
  tokens: reported,
}: Reported): ModelFacts["slidingWindow"] | undefined => {
  const habit = HABITS[architecture]
  const tokens = reported ?? habit?.tokens
  if (tokens === undefined || tokens === 0 || layers === undefined || UNUSED.has(architecture)) return undefined
  const period = typeof pattern === "number" ? pattern : habit?.period
  const windowed = Array.isArray(pattern)
    ? (index: number) => Boolean(pattern[index])
    : period === undefined
      ? () => false
      : (index: number) => period === 0 || index % period !== (habit?.first === true ? 0 : period - 1)
  const found = Array.from({ length: layers }, (_, index) => index).filter(windowed)
  // Whatever its file says, llama.cpp cuts Llama 4's attention into chunks of this many tokens.
  return found.length === 0 ? undefined : { tokens: architecture === "llama4" ? 8192 : tokens, layers: found }
}

/** Whether a file has a window, but it is unknown which layers use it. */
export const windowUnknown = (reported: Reported): boolean =>
  (reported.tokens ?? 0) > 0 &&
  !UNUSED.has(reported.architecture) &&
  HABITS[reported.architecture] === undefined &&
  reported.pattern === undefined
