import type { ModelFacts } from "../../model/Model.ts"

/**
 * Layers from one that sees the whole context to the next, by GGUF's names of architectures. That layer is the last
 * of each such group. Source: `set_swa_pattern` in llama.cpp's `src/models/*.cpp`.
 */
const PERIODS: Readonly<Record<string, number>> = {
  afmoe: 4,
  cohere2: 4,
  exaone4: 4,
  gemma2: 2,
  gemma3: 6,
  gemma3n: 5,
  "gemma-embedding": 6,
  "gpt-oss": 2,
  llama4: 4,
  olmo2: 4,
  plamo3: 8,
}

interface Told {
  readonly architecture: string
  readonly layers: number | undefined
  /** Tokens that a layer looks back. */
  readonly tokens: number | undefined
  /** A period, or for each layer whether it has a window; what the file says goes before the architecture's habit. */
  readonly pattern: unknown
}

/**
 * Which layers have a sliding window; `undefined` where none has, or where it is not known which: such a model is taken
 * to keep the whole context in every layer, which is the most that it can need.
 */
export const slidingWindow = ({
  architecture,
  layers,
  pattern,
  tokens,
}: Told): ModelFacts["slidingWindow"] | undefined => {
  if (tokens === undefined || tokens === 0 || layers === undefined) return undefined
  const period = typeof pattern === "number" ? pattern : PERIODS[architecture]
  const windowed = Array.isArray(pattern)
    ? (index: number) => Boolean(pattern[index])
    : period === undefined
      ? () => false
      : (index: number) => index % period < period - 1
  const found = Array.from({ length: layers }, (_, index) => index).filter(windowed)
  return found.length === 0 ? undefined : { tokens, layers: found }
}
