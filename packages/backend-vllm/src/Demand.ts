import { Demand, type DemandPart, type ModelFacts, type Task } from "@rigbook/core"
import { BLOCK, isEncoder, requestBytes } from "./KvCache.ts"
import { maxModelLenOf, type Options } from "./Options.ts"

const GIB = 2 ** 30

/** Resident bytes of the API server and the engine's core, measured on Linux: 0.74 and 0.65 GB. They hold no model. */
const SERVER_BYTES = Math.round(1.4 * GIB)
/** Resident bytes of one worker (torch and vLLM), without weights and KV cache: 2.3 GB less 0.27 and 1.07, measured. */
const WORKER_BYTES = GIB

/**
 * What one GPU must hold if the weights and the KV cache are shared by this many; the server uses none. `cache` is what a
 * GPU needs to start, which has no least size.
 */
export const bytesPerGpu = (
  { parts }: Demand,
  shared: { readonly weights: number; readonly kv: number },
  cache?: number,
): number =>
  parts.reduce((sum, { bytes, name }) => {
    if (name === "server") return sum
    const whole = name === "KV cache" ? (cache ?? bytes) : bytes
    return sum + Math.ceil(whole / (name === "weights" ? shared.weights : name === "KV cache" ? shared.kv : 1))
  }, 0)

/** Bytes of KV cache that vLLM has to find on all GPUs together: what was set, or one longest request. */
export const gpuKvCache = (model: ModelFacts, options: Options): DemandPart | undefined => {
  const one = requestBytes(model, options, maxModelLenOf(options, model), BLOCK.gpu)
  if (isEncoder(model) || options.kvCacheBytes !== undefined || one === undefined)
    return keysAndValues(model, options)[0]
  return {
    name: "KV cache",
    bytes: one.bytes,
    basis: model.assumed === undefined ? "formula" : "heuristic",
    formula: `one longest request: ${one.formula}`,
    ...(model.assumed === undefined ? {} : { notes: model.assumed.map((what) => `assumed: ${what}`) }),
    buffer: "KV",
  }
}

/**
 * Memory that vLLM needs for a model in one process. On a GPU it takes `gpuMemoryUtilization` of the memory
 * whatever the model needs, and uses the rest for the KV cache: this is the least that it needs to start.
 */
export const demand = (model: ModelFacts, options: Options, task: Task): Demand =>
  new Demand({
    parts: [
      weights(model, options),
      ...keysAndValues(model, options),
      activations(model, options, task),
      {
        name: "worker",
        bytes: WORKER_BYTES,
        basis: "heuristic",
        formula: "Python with torch and vLLM, measured: 1 GiB",
      },
      {
        name: "server",
        bytes: SERVER_BYTES,
        basis: "heuristic",
        formula: "API server and engine core in host memory, measured: 1.4 GiB",
      },
    ],
  })

/** By default vLLM computes models stored in float32 with 16 bits; all others as stored. */
const weights = (model: ModelFacts, { dtype, quantization }: Options): DemandPart => {
  // The bytes of a GGUF's weights are unknown until they are unpacked.
  const planned = model.format === "gguf"
  // Layers behind those of the model predict further tokens: they are not loaded.
  const beyond = (model.tensorBytes?.layers ?? [])
    .slice(model.layers ?? Infinity)
    .reduce((sum, bytes) => sum + bytes, 0)
  const packed = quantization !== undefined || model.bitsPerWeight < 16
  const type = dtype === "auto" ? (model.quantization === "F32" ? "16 bits" : undefined) : dtype
  if (!planned && (packed || type === undefined))
    return {
      name: "weights",
      bytes: model.weightBytes - beyond,
      basis: "exact",
      formula: `bytes of all tensors, as stored${beyond === 0 ? "" : ", but of layers that predict further tokens"}`,
      buffer: "model",
    }
  const width = type === "float32" ? 4 : 2
  return {
    name: "weights",
    bytes: model.parameters * width,
    basis: planned ? "heuristic" : "formula",
    formula: `${model.parameters} parameters × ${width} B (${planned ? "the GGUF is unpacked to bf16 first" : type})`,
    buffer: "model",
  }
}

/** Encoders (BERT) cache no keys and values. */
const keysAndValues = (model: ModelFacts, options: Options): ReadonlyArray<DemandPart> => {
  if (isEncoder(model)) return []
  if (options.kvCacheBytes !== undefined)
    return [{ name: "KV cache", bytes: options.kvCacheBytes, basis: "exact", formula: "kvCacheBytes", buffer: "KV" }]
  const one = bytesOfOneRequest(model, options)
  const bytes = defaultKvCacheBytes(model, options)
  return [
    {
      name: "KV cache",
      bytes,
      basis: one === undefined ? "heuristic" : "formula",
      formula:
        one === undefined || one.bytes <= GIB
          ? `1 GiB; one longest request needs ${one === undefined ? "an unknown part of it" : one.formula}`
          : `one longest request: ${one.formula}`,
      buffer: "KV",
    },
  ]
}

/** Bytes of KV cache on the processor if the config sets none: 1 GiB, or one longest request. */
export const defaultKvCacheBytes = (model: ModelFacts, options: Options): number =>
  Math.max(GIB, bytesOfOneRequest(model, options)?.bytes ?? 0)

const bytesOfOneRequest = (model: ModelFacts, options: Options) =>
  requestBytes(model, options, maxModelLenOf(options, model))

/** Hidden states of one step over prompts, and the logits of each sequence in float32. */
const activations = (model: ModelFacts, options: Options, task: Task): DemandPart => {
  const { hiddenSize = 4096, vocabulary = 0 } = model
  const tokens = 4096
  const logits = task === "embed" ? 0 : options.maxSequences * vocabulary * 4
  return {
    name: "activations",
    bytes: tokens * hiddenSize * 16 * 2 + logits,
    basis: "heuristic",
    formula:
      `batched tokens ${tokens} × hidden size ${hiddenSize} × 16 × 2 B` +
      (logits === 0 ? "" : ` + sequences ${options.maxSequences} × vocabulary ${vocabulary} × 4 B`),
  }
}
