import type { DemandPart, ModelFacts } from "@rigbook/core"
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

/** Encoders (BERT) keep no keys and values. */
export const isEncoder = ({ architecture }: Pick<ModelFacts, "architecture">): boolean => architecture.includes("bert")

/**
 * The KV cache of some of a model's layers. Source: llama.cpp `src/llama-kv-cache.cpp`, agreed with its logs to the
 * byte. What recurrent layers keep beside it is not counted.
 */
export const keysAndValues = (
  model: ModelFacts,
  options: Options,
  layers: ReadonlyArray<number>,
): ReadonlyArray<DemandPart> => {
  const width = widthOf(model)
  if (width === undefined || layers.length === 0 || isEncoder(model)) return []
  const size = BYTES[options.kvCache]
  const cells = cellsOf(model, options)
  const windowed = new Set(model.slidingWindow?.layers)
  const groups = Map.groupBy(layers, (layer) => (windowed.has(layer) ? "window" : "context")) satisfies Map<
    keyof Cells,
    ReadonlyArray<number>
  >
  let bytes = 0
  const terms: Array<string> = []
  for (const [kind, all] of groups) {
    const heads = sum(all.map((layer) => model.kvHeadsByLayer?.[layer] ?? model.kvHeads ?? 1))
    bytes += options.parallel * cells[kind] * heads * width.values * size
    terms.push(`slots ${options.parallel} × cells ${cells[kind]} × ${all.length} layers' ${heads} ${width.formula}`)
  }
  const formula = `(${terms.join(" + ")}) × ${size} B (${options.kvCache})`
  return [{ name: "KV cache", bytes: Math.ceil(bytes), basis: "formula", formula, buffer: "KV" }]
}

/** Bytes that one token of context takes in layers that see all of it. */
export const bytesPerToken = (model: ModelFacts, { kvCache }: Pick<Options, "kvCache">): number | undefined => {
  const { layers, slidingWindow } = model
  const width = widthOf(model)
  if (width === undefined || layers === undefined || isEncoder(model)) return undefined
  const windowed = new Set(slidingWindow?.layers)
  const heads = Array.from({ length: layers }, (_, layer) =>
    windowed.has(layer) ? 0 : (model.kvHeadsByLayer?.[layer] ?? model.kvHeads ?? 1),
  )
  return sum(heads) * width.values * BYTES[kvCache]
}

/** Values that a layer keeps of each token and KV head. With latent attention there is one vector for all heads, and it serves for both. */
const widthOf = ({ keyLength, kvHeads, latentLength, layers, valueLength }: ModelFacts) => {
  if (layers === undefined || kvHeads === undefined) return undefined
  if (latentLength !== undefined)
    return { values: latentLength / kvHeads, formula: `KV heads × latent ${latentLength} / ${kvHeads}` }
  if (keyLength === undefined || valueLength === undefined) return undefined
  return { values: keyLength + valueLength, formula: `KV heads × (key ${keyLength} + value ${valueLength})` }
}

const sum = (numbers: ReadonlyArray<number>): number => numbers.reduce((total, number) => total + number, 0)
