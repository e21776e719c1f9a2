import { Demand, type DemandPart, type ModelFacts, type Task } from "@rigbook/core"
import { contextOf, ubatchOf, type Options } from "./Options.ts"

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

/**
 * Memory that llama-server needs for a model: its buffers, as it lays them out on one device. What a GPU's
 * driver takes for a process comes on top.
 */
export const demand = (model: ModelFacts, options: Options, task: Task): Demand =>
  new Demand({
    parts: [
      {
        name: "weights",
        bytes: model.weightBytes,
        basis: "exact",
        formula: `bytes of all tensors in the file: ${model.weightBytes}`,
      },
      ...keysAndValues(model, options),
      ...compute(model, options, task),
    ],
  })

/**
 * Source: llama.cpp `src/llama-kv-cache.cpp`, agreed with its logs to the byte. Layers with a sliding window need
 * less than this. Encoders (BERT) keep no keys and values.
 */
const keysAndValues = (model: ModelFacts, options: Options): ReadonlyArray<DemandPart> => {
  const { keyLength, kvHeads, layers, valueLength } = model
  if (layers === undefined || kvHeads === undefined || keyLength === undefined || valueLength === undefined) return []
  if (model.architecture.includes("bert")) return []
  const cells = contextOf(options, model)
  const width = kvHeads * (keyLength + valueLength)
  return [
    {
      name: "KV cache",
      bytes: Math.ceil(options.parallel * cells * layers * width * BYTES[options.kvCache]),
      basis: "formula",
      formula:
        `parallel ${options.parallel} × context ${cells} × layers ${layers} × KV heads ${kvHeads} × ` +
        `(key ${keyLength} + value ${valueLength}) × ${BYTES[options.kvCache]} B (${options.kvCache})`,
    },
  ]
}

/**
 * Fitted to the logs of builds 10434 and 11434, which compute the scores of the last token only: with flash
 * attention 4·ubatch·(3·d_ff + 4·d) + 2·ubatch·context, and the scores of each slot. `d_ff` is taken as 4·d, its
 * usual upper end, for it is not among a model's facts.
 */
const compute = (model: ModelFacts, options: Options, task: Task): ReadonlyArray<DemandPart> => {
  const { heads, hiddenSize, vocabulary = 0 } = model
  if (hiddenSize === undefined) return []
  const ubatch = ubatchOf(options, model, task)
  const context = contextOf(options, model)
  const graph: DemandPart = {
    name: "compute",
    bytes: 4 * ubatch * 16 * hiddenSize + 2 * ubatch * context + 4 * vocabulary * options.parallel,
    basis: "heuristic",
    formula:
      `4 B × ubatch ${ubatch} × 16 × hidden size ${hiddenSize} + 2 B × ubatch ${ubatch} × context ${context} + ` +
      `4 B × vocabulary ${vocabulary} × parallel ${options.parallel}`,
  }
  if (options.flashAttention !== "off" || heads === undefined) return [graph]
  return [
    graph,
    {
      name: "attention scores",
      bytes: 4 * heads * ubatch * context,
      basis: "formula",
      formula: `without flash attention: 4 B × heads ${heads} × ubatch ${ubatch} × context ${context}`,
    },
  ]
}
