import type { ModelFacts } from "@rigbook/core"
import type { Options } from "./Options.ts"

/** Encoders (BERT) keep no keys and values. */
export const isEncoder = ({ architecture }: Pick<ModelFacts, "architecture">): boolean => /bert/i.test(architecture)

/** Tokens of a block where a layer keeps keys and values alone: 16 on a GPU, 128 on the processor, the largest in use. */
export const BLOCK = { gpu: 16, cpu: 128 } as const

/**
 * Tokens that are scheduled and not settled yet: two steps of 2048, while the first of them is being computed. GPUs of 70 GiB
 * and more take steps of 8192: what windows take there is more.
 */
const IN_FLIGHT = 4096

/** Bytes of one key or value. */
const kvWidth = ({ dtype, kvCacheDtype }: Options): number => {
  if (kvCacheDtype !== "auto") return /(fp8|int8)/.test(kvCacheDtype) ? 1 : 2
  return dtype === "float32" ? 4 : 2
}

/** Architectures whose states vLLM keeps in 32 bits by itself. Source: vLLM `model_executor/models/config.py`. */
const WIDE_STATES = /^(qwen3_5|nemotron_h)/

interface Layers {
  /** Bytes of a token in one layer, on all GPUs together. */
  readonly token: number
  readonly formula: string
  readonly full: number
  readonly windowed: number
  readonly states: number
  /** Bytes of one layer's state. */
  readonly state: number
}

const layersOf = (model: ModelFacts, options: Options): Layers | undefined => {
  const { heads, hiddenSize, kvHeads = heads, kvHeadsByLayer, latentLength, layers, recurrent, slidingWindow } = model
  if (layers === undefined || isEncoder(model)) return undefined
  const size = kvWidth(options)
  const keeping = Array.from({ length: layers }, (_, layer) => layer).filter(
    (layer) => (kvHeadsByLayer?.[layer] ?? 1) > 0,
  )
  const windows = new Set(slidingWindow?.layers)
  const windowed = keeping.filter((layer) => windows.has(layer)).length
  const wide = WIDE_STATES.test(model.architecture) || options.dtype === "float32" ? 4 : 2
  const shape = {
    full: keeping.length - windowed,
    windowed,
    states: recurrent?.layers.length ?? 0,
    state:
      recurrent === undefined
        ? 0
        : recurrent.convolution * (options.dtype === "float32" ? 4 : 2) + recurrent.state * wide,
  }
  if (latentLength !== undefined)
    return { ...shape, token: latentLength * size, formula: `latent ${latentLength} × ${size} B` }
  if (keeping.length === 0) return { ...shape, token: 0, formula: "no keys and values" }
  if (heads === undefined || hiddenSize === undefined || kvHeads === undefined) return undefined
  const width = model.keyLength ?? Math.ceil(hiddenSize / heads)
  return {
    ...shape,
    token: 2 * kvHeads * width * size,
    formula: `2 × KV heads ${kvHeads} × head ${width} × ${size} B`,
  }
}

/**
 * Bytes that one request of so many tokens takes, on all GPUs together; it has to fit, or vLLM does not start. Layers of
 * different kinds take blocks from one pool in groups of equally many layers, the last one padded. Source: vLLM
 * `v1/core/kv_cache_utils.py` (_get_kv_cache_groups_uniform_page_size, _max_memory_usage_bytes_from_groups),
 * `v1/kv_cache_interface.py` (max_admission_blocks_per_request), `platforms/interface.py` (attn_block_size).
 */
export const requestBytes = (model: ModelFacts, options: Options, tokens: number, least: number = BLOCK.cpu) => {
  const layers = layersOf(model, options)
  if (layers === undefined) return undefined
  const { formula, full, state, states, token, windowed } = layers
  // Blocks of keys and values are made as large as a state, so that both can come from one pool.
  const block = state === 0 || token === 0 ? least : least * Math.max(1, Math.ceil(state / (least * token)))
  const page = token === 0 ? state : block * token
  const window = Math.min((model.slidingWindow?.tokens ?? 1) - 1 + IN_FLIGHT, tokens)
  const kinds = [
    { count: full, blocks: Math.ceil(tokens / block), what: "all tokens" },
    { count: windowed, blocks: Math.ceil(window / block) + 1, what: `${window} tokens` },
    { count: states, blocks: 1, what: "a state" },
  ].filter(({ count }) => count > 0)
  const counts = kinds.map(({ count }) => count)
  const [fewest, most] = [Math.min(...counts), Math.max(...counts)]
  const group = kinds.length === 1 || most < 1.5 * fewest ? most : fewest
  const blocks = kinds.reduce((sum, each) => sum + Math.ceil(each.count / group) * each.blocks, 0)
  const shape = kinds.map(({ count, what }) => `${count} layers of ${what}`).join(", ")
  // One block is kept back, empty.
  const bytes = (blocks + 1) * group * page
  return {
    bytes,
    formula: `${blocks} blocks and an empty one × ${group} layers × ${block} tokens × ${formula} (${shape})`,
  }
}

/** Bytes that are kept of so many tokens and read for the next one; what is only reserved is left out. */
export const keptBytes = (model: ModelFacts, options: Options, tokens: number): number | undefined => {
  const layers = layersOf(model, options)
  if (layers === undefined) return undefined
  const { full, state, states, token, windowed } = layers
  return (full * tokens + windowed * Math.min(tokens, model.slidingWindow?.tokens ?? tokens)) * token + states * state
}

/** By how many GPUs that share each layer its cache is shared: heads are repeated where there are fewer, a latent vector on each. */
export const kvShares = ({ kvHeads, latentLength }: ModelFacts, gpus: number): number =>
  latentLength === undefined ? Math.min(gpus, kvHeads ?? gpus) : 1

/** Tokens that so many bytes have room for, of one request after the other. */
export const roomFor = (model: ModelFacts, options: Options, bytes: number): number | undefined => {
  const longest = 2 ** 24
  if (requestBytes(model, options, 1, BLOCK.gpu) === undefined) return undefined
  let low = 0
  let high = longest
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (requestBytes(model, options, middle, BLOCK.gpu)!.bytes <= bytes) low = middle
    else high = middle
  }
  return low
}
