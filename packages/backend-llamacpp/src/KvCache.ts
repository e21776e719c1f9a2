import type { DemandPart, ModelFacts } from "@rigbook/core"
import { memoryGround } from "./Architectures.ts"
import { cellsOf, type Cells } from "./Cells.ts"
import type { Options } from "./Options.ts"

/** Bytes of one value of the KV cache: ggml's bytes per block / values per block. */
const BYTES: Readonly<Record<Options["kvCache"], number>> = {
  f32: 4,
  f16: 2,
  bf16: 2,
  q8_0: 34 / 32,
  q5_1: 24 / 32,
  q5_0: 22 / 32,
  q4_1: 20 / 32,
  q4_0: 18 / 32,
}

/** Models that see all tokens at once, though they are not called encoders. Source: `llama_model::create_memory`. */
const WITHOUT = new Set(["dream", "gemma-embedding", "llada", "llada-moe", "rnd1"])

/** Encoders (BERT) cache no keys and values. */
export const isEncoder = ({ architecture }: Pick<ModelFacts, "architecture">): boolean => architecture.includes("bert")

/**
 * What some of a model's layers cache: keys and values, and states of fixed size. Source: llama.cpp
 * `src/llama-kv-cache.cpp`, which agrees with its logs to the byte, and `src/llama-memory-recurrent.cpp`, agreed with
 * its fit tool to the MiB.
 */
export const keysAndValues = (
  model: ModelFacts,
  options: Options,
  layers: ReadonlyArray<number>,
): ReadonlyArray<DemandPart> => {
  if (isEncoder(model) || WITHOUT.has(model.architecture)) return []
  const terms = [...attention(model, options, layers), ...states(model, options, layers)]
  if (terms.length === 0) return []
  return [
    {
      name: "KV cache",
      bytes: Math.ceil(sum(terms.map(({ bytes }) => bytes))),
      ...memoryGround(model),
      formula: terms.map(({ formula }) => formula).join(" + "),
      buffer: "KV",
    },
  ]
}

/** Bytes that one request of so many tokens keeps, in all layers. */
export const cacheBytes = (model: ModelFacts, options: Options, tokens: number): number => {
  const layers = Array.from({ length: model.layers ?? 0 }, (_, layer) => layer)
  const [kept] = keysAndValues(model, { ...options, parallel: 1, context: Math.max(1, tokens) }, layers)
  return kept?.bytes ?? 0
}

interface Term {
  readonly bytes: number
  readonly formula: string
}

const attention = (model: ModelFacts, options: Options, layers: ReadonlyArray<number>): ReadonlyArray<Term> => {
  const size = BYTES[options.kvCache]
  const cells = cellsOf(model, options)
  const windowed = new Set(model.slidingWindow?.layers)
  const keeping = layers.filter((layer) => headsOf(model, layer) > 0)
  const groups = Map.groupBy(keeping, (layer) => (windowed.has(layer) ? "window" : "context")) satisfies Map<
    keyof Cells,
    ReadonlyArray<number>
  >
  const terms = [...groups].flatMap(([kind, all]): ReadonlyArray<Term> => {
    const width = widthOf(model, kind)
    if (width === undefined) return []
    const heads = sum(all.map((layer) => headsOf(model, layer)))
    return [
      {
        bytes: options.parallel * cells[kind] * heads * width.values * size,
        formula: `slots ${options.parallel} × cells ${cells[kind]} × ${all.length} layers' ${heads} ${width.formula}`,
      },
    ]
  })
  if (terms.length === 0) return []
  const formula = `(${terms.map((term) => term.formula).join(" + ")}) × ${size} B (${options.kvCache})`
  return [{ bytes: sum(terms.map(({ bytes }) => bytes)), formula }]
}

/** States are kept in 32-bit numbers, whatever the type of the cache. */
const states = (
  { recurrent }: ModelFacts,
  { parallel }: Options,
  layers: ReadonlyArray<number>,
): ReadonlyArray<Term> => {
  const keeping = new Set(recurrent?.layers)
  const count = layers.filter((layer) => keeping.has(layer)).length
  if (recurrent === undefined || count === 0) return []
  return [
    {
      bytes: 4 * parallel * count * (recurrent.convolution + recurrent.state),
      formula: `slots ${parallel} × ${count} layers' states × (convolution ${recurrent.convolution} + state ${recurrent.state}) × 4 B`,
    },
  ]
}

/** Whether any layer attends to the cache. */
export const attends = (model: ModelFacts): boolean =>
  Array.from({ length: model.layers ?? 0 }, (_, layer) => layer).some((layer) => headsOf(model, layer) > 0)

const headsOf = (model: ModelFacts, layer: number): number => model.kvHeadsByLayer?.[layer] ?? model.kvHeads ?? 1

/** Bytes that one token of context takes in layers with full attention. */
export const bytesPerToken = (model: ModelFacts, { kvCache }: Pick<Options, "kvCache">): number | undefined => {
  const { layers, slidingWindow } = model
  const width = widthOf(model, "context")
  if (width === undefined || layers === undefined || isEncoder(model)) return undefined
  const windowed = new Set(slidingWindow?.layers)
  const heads = Array.from({ length: layers }, (_, layer) => (windowed.has(layer) ? 0 : headsOf(model, layer)))
  return sum(heads) * width.values * BYTES[kvCache]
}

/**
 * Values that a layer caches of each token and KV head. With latent attention one vector serves all heads, for both.
 */
const widthOf = (
  { keyLength, kvHeads, latentLength, layers, slidingWindow, valueLength }: ModelFacts,
  kind: keyof Cells,
) => {
  if (layers === undefined || kvHeads === undefined) return undefined
  if (latentLength !== undefined)
    return { values: latentLength / kvHeads, formula: `KV heads × latent ${latentLength} / ${kvHeads}` }
  if (keyLength === undefined || valueLength === undefined) return undefined
  const key = kind === "window" ? (slidingWindow?.keyLength ?? keyLength) : keyLength
  const value = kind === "window" ? (slidingWindow?.valueLength ?? valueLength) : valueLength
  return { values: key + value, formula: `KV heads × (key ${key} + value ${value})` }
}

const sum = (numbers: ReadonlyArray<number>): number => numbers.reduce((total, number) => total + number, 0)
