import { ggmlTypeNamed, type GgmlTypeName } from "../../../core/src/model/GgmlType.ts"
import {
  ggufHeader,
  type GgufTensor,
  type GgufValue,
  paddingAfter,
} from "../../../core/src/models/formats/GgufWriter.ts"

/** Sizes that every decoder has; `kvHeads` by layer where layers differ. */
export interface Sizes {
  readonly architecture: string
  readonly layers: number
  readonly width: number
  readonly inner: number | ReadonlyArray<number>
  readonly heads: number | ReadonlyArray<number>
  readonly kvHeads: number | ReadonlyArray<number>
  readonly vocabulary: number
  readonly context: number
  readonly headSize?: number
  /** Types of matrices, experts and tables of tokens. */
  readonly types?: readonly [matrices: GgmlTypeName, experts: GgmlTypeName, tables: GgmlTypeName]
  /** Further keys of its header, without the architecture's name. */
  readonly keys?: Readonly<Record<string, GgufValue>>
  /** There is no `output` table. */
  readonly tied?: boolean
  /** Name of the last norm. */
  readonly lastNorm?: string
}

/** The header of a model without weights: public sizes of a real one, tensors as llama.cpp's converter names them. */
export interface Shape {
  readonly header: Buffer
  /** Length of the whole file. */
  readonly length: number
}

export const u32 = (value: number): GgufValue => ({ u32: value })
export const f32 = (value: number): GgufValue => ({ f32: value })

type Sized = readonly [name: string, ...shape: ReadonlyArray<number>]

const typeOf = (name: string, [width = 1, ...rest]: ReadonlyArray<number>, types: Sizes["types"]): GgmlTypeName => {
  const [matrices, experts, tables] = types ?? ["Q4_K", "Q4_K", "Q6_K"]
  if (rest.length === 0 || /\.(ffn_gate_inp|ssm_(conv1d|a|d)|altup_(correct_coef|predict_coef|router))$/.test(name))
    return "F32"
  if (/altup_(proj|unembd)|per_layer_model_proj|position_embd/.test(name)) return "F16"
  const wanted = /^(token_embd|output|per_layer_token)/.test(name)
    ? tables
    : name.includes("_exps")
      ? experts
      : matrices
  return width % ggmlTypeNamed(wanted).blockSize === 0 ? wanted : "F16"
}

const list = (value: number | ReadonlyArray<number>): GgufValue =>
  typeof value === "number" ? u32(value) : { u32s: value }

const named = (name: string): string =>
  /\.(weight|bias)$|ssm_(a|d)$|\.bare$/.test(name) ? name.replace(/\.bare$/, "") : `${name}.weight`

/** A shape of these sizes whose layers and further tensors are given. */
export const shapeOf = (
  sizes: Sizes,
  layer: (index: number) => ReadonlyArray<Sized>,
  more: ReadonlyArray<Sized> = [],
): Shape => {
  const {
    architecture,
    context,
    headSize,
    heads,
    inner,
    keys = {},
    kvHeads,
    lastNorm = "output_norm",
    layers,
    tied = false,
    types,
    vocabulary,
    width,
  } = sizes
  const own: Readonly<Record<string, GgufValue>> = {
    vocab_size: u32(vocabulary),
    context_length: u32(context),
    block_count: u32(layers),
    embedding_length: u32(width),
    feed_forward_length: list(inner),
    "attention.head_count": list(heads),
    "attention.head_count_kv": list(kvHeads),
    ...(headSize === undefined
      ? {}
      : {
          "attention.key_length": u32(headSize),
          "attention.value_length": u32(headSize),
          "rope.dimension_count": u32(headSize),
        }),
    "attention.layer_norm_rms_epsilon": f32(1e-6),
    ...keys,
  }
  const all: ReadonlyArray<Sized> = [
    ["token_embd", width, vocabulary],
    [lastNorm, width],
    ...(tied ? [] : [["output", width, vocabulary] as const]),
    ...more,
    ...Array.from({ length: layers }, (_, index) =>
      layer(index).map(([name, ...shape]): Sized => [`blk.${index}.${name}`, ...shape]),
    ).flat(),
  ]
  const tensors = all.map(([name, ...shape]): GgufTensor => {
    const { blockBytes, blockSize, id } = ggmlTypeNamed(typeOf(name, shape, types))
    const count = shape.reduce((product, size) => product * size, 1)
    return { name: named(name), shape, type: id, bytes: (count / blockSize) * blockBytes }
  })
  const header = ggufHeader(
    {
      "general.architecture": { string: architecture },
      ...Object.fromEntries(Object.entries(own).map(([key, value]) => [`${architecture}.${key}`, value])),
      "tokenizer.ggml.model": { string: "no_vocab" },
    },
    tensors,
  )
  return { header, length: header.length + tensors.reduce((sum, { bytes }) => sum + bytes + paddingAfter(bytes), 0) }
}

type Layer = ReadonlyArray<Sized>

export const norms = (width: number, ...names: ReadonlyArray<string>): Layer =>
  names.map((name): Sized => [name, width])

export const attention = (width: number, heads: number, kvHeads: number, size: number, more: Layer = []): Layer => [
  ["attn_q", width, heads * size],
  ["attn_k", width, kvHeads * size],
  ["attn_v", width, kvHeads * size],
  ["attn_output", heads * size, width],
  ...more,
]

export const dense = (width: number, inner: number): Layer => [
  ["ffn_gate", width, inner],
  ["ffn_up", width, inner],
  ["ffn_down", inner, width],
]

/** Experts, and one that all tokens share where `shared` is its width. */
export const mixture = (width: number, inner: number, experts: number, shared = 0): Layer => [
  ["ffn_gate_inp", width, experts],
  ["ffn_gate_exps", width, inner, experts],
  ["ffn_up_exps", width, inner, experts],
  ["ffn_down_exps", inner, width, experts],
  ...(shared === 0
    ? []
    : ([
        ["ffn_gate_shexp", width, shared],
        ["ffn_up_shexp", width, shared],
        ["ffn_down_shexp", shared, width],
      ] as const)),
]

export const expertKeys = (experts: number, used: number, inner: number, shared = 0): Sizes["keys"] & object => ({
  expert_count: u32(experts),
  expert_used_count: u32(used),
  expert_feed_forward_length: u32(inner),
  ...(shared === 0 ? {} : { expert_shared_feed_forward_length: u32(shared), expert_shared_count: u32(1) }),
})

export const stateKeys = (kernel: number, state: number, groups: number, rank: number, inner: number) => ({
  "ssm.conv_kernel": u32(kernel),
  "ssm.state_size": u32(state),
  "ssm.group_count": u32(groups),
  "ssm.time_step_rank": u32(rank),
  "ssm.inner_size": u32(inner),
})

/** A layer of Mamba 2, without norms. */
export const mamba2 = (width: number, state: number, groups: number, rank: number, inner: number): Layer => {
  const mixed = inner + 2 * groups * state
  return [
    ["ssm_in", width, inner + mixed + rank],
    ["ssm_conv1d", 4, mixed],
    ["ssm_conv1d.bias", mixed],
    ["ssm_dt.bias", rank],
    ["ssm_a", 1, rank],
    ["ssm_d", 1, rank],
    ["ssm_norm", inner / groups, groups],
    ["ssm_out", inner, width],
  ]
}

/** A layer of Qwen's gated delta net, without norms. */
export const deltaNet = (width: number, state: number, keyHeads: number, valueHeads: number): Layer => {
  const values = state * valueHeads
  const mixed = 2 * state * keyHeads + values
  return [
    ["attn_qkv", width, mixed],
    ["attn_gate", width, values],
    ["ssm_conv1d", 4, mixed],
    ["ssm_dt.bias", valueHeads],
    ["ssm_a", valueHeads],
    ["ssm_norm", state],
    ["ssm_out", values, width],
  ]
}
