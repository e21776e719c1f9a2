import type { ModelFacts } from "../../model/Model.ts"

interface Reported {
  readonly architecture: string
  /** Layers that a token goes through. */
  readonly layers: number
  readonly hiddenSize: number
  readonly heads: number
  readonly keyLength: number
  /** KV heads of a layer, as in the file. */
  readonly kvHeadsOf: (layer: number) => number
  /** Width of a layer's feed-forward network. */
  readonly feedForwardOf: (layer: number) => number
  readonly count: (key: string) => number | undefined
  readonly value: (key: string) => unknown
}

type Recurrent = NonNullable<ModelFacts["recurrent"]>

const ALL = () => true
const withoutKv = (layer: number, { kvHeadsOf }: Reported) => kvHeadsOf(layer) === 0
/** All layers except the last of each group have a state, unless the file lists them. */
const grouped =
  (usual: number) =>
  (layer: number, { count, value }: Reported): boolean => {
    const listed = value("attention.recurrent_layers")
    if (Array.isArray(listed)) return Boolean(listed[layer])
    return (layer + 1) % (count("full_attention_interval") ?? usual) !== 0
  }

/**
 * Which layers have a state of fixed size, by GGUF's names of architectures. Source: `is_recr_impl` in llama.cpp's
 * `src/models/*.cpp`, and `llm_arch_is_recurrent` and `llm_arch_is_hybrid` in its `src/llama-arch.cpp`.
 */
const LAYERS: Readonly<Record<string, (layer: number, reported: Reported) => boolean>> = {
  arwkv7: ALL,
  bailingmoe3: withoutKv,
  "falcon-h1": ALL,
  granitehybrid: withoutKv,
  jamba: withoutKv,
  "kimi-linear": withoutKv,
  lfm2: withoutKv,
  lfm2moe: withoutKv,
  mamba: ALL,
  mamba2: ALL,
  "minimax-01": grouped(8),
  nemotron_h: (layer, reported) => withoutKv(layer, reported) && reported.feedForwardOf(layer) === 0,
  nemotron_h_moe: (layer, reported) => withoutKv(layer, reported) && reported.feedForwardOf(layer) === 0,
  plamo2: withoutKv,
  qwen35: grouped(4),
  qwen35moe: grouped(4),
  qwen3next: grouped(4),
  rwkv6: ALL,
  rwkv6qwen2: ALL,
  rwkv7: ALL,
}

/** Whether a layer with a state has keys and values too. */
export const keepsBoth = (architecture: string): boolean => architecture === "falcon-h1"

/** The layers with a state of fixed size, and its size; `undefined` if there are none. */
export const recurrent = (reported: Reported): Recurrent | undefined => {
  const keeps = LAYERS[reported.architecture]
  if (keeps === undefined) return undefined
  const layers = Array.from({ length: reported.layers }, (_, layer) => layer).filter((layer) => keeps(layer, reported))
  return layers.length === 0 ? undefined : { layers, ...sizes(reported) }
}

/** Values of one sequence in one layer. Source: `n_embd_r` and `n_embd_s` in llama.cpp's `src/llama-hparams.cpp`. */
const sizes = ({ architecture, count, heads, hiddenSize, keyLength }: Reported): Omit<Recurrent, "layers"> => {
  const headSize = count("wkv.head_size")
  if (headSize !== undefined) {
    const shifts = count("token_shift_count") ?? 2
    return { convolution: shifts * hiddenSize, state: hiddenSize * headSize }
  }
  const short = count("shortconv.l_cache")
  if (short !== undefined) return { convolution: hiddenSize * (short - 1), state: 0 }
  const kernel = count("ssm.conv_kernel") ?? 0
  const delta = count("kda.head_dim")
  if (delta !== undefined)
    return { convolution: 3 * (kernel > 0 ? kernel - 1 : 3) * heads * delta, state: delta * delta * heads }
  if (architecture === "minimax-01") return { convolution: 0, state: keyLength * keyLength * heads }
  const inner = count("ssm.inner_size") ?? 0
  const stateSize = count("ssm.state_size") ?? 0
  const groups = count("ssm.group_count") ?? 0
  const mixed = inner + 2 * groups * stateSize
  return { convolution: Math.max(0, kernel - 1) * mixed, state: stateSize * inner, inner, mixed }
}
