import {
  attention,
  deltaNet,
  dense,
  expertKeys,
  mamba2,
  mixture,
  norms,
  type Shape,
  shapeOf,
  type Sizes,
  stateKeys,
  u32,
} from "./Shape.ts"

/** Qwen 3.5 and Qwen3-Next: every fourth layer attends, the others keep the state of a delta net. */
const qwen = (
  architecture: string,
  {
    heads,
    inner,
    kvHeads,
    layers,
    more = 0,
    rank,
    shape,
    width,
  }: {
    readonly layers: number
    readonly width: number
    readonly inner: number
    readonly heads: number
    readonly kvHeads: number
    readonly rank: number
    /** Layers that predict further tokens. */
    readonly more?: number
    readonly shape: Partial<Sizes> & {
      readonly experts?: readonly [experts: number, used: number, inner: number, shared: number]
    }
  },
): Shape => {
  const { experts, ...rest } = shape
  const next = architecture === "qwen3next"
  return shapeOf(
    {
      architecture,
      layers: layers + more,
      width,
      inner,
      heads,
      kvHeads,
      vocabulary: next ? 151_936 : 248_320,
      context: 262_144,
      headSize: 256,
      ...rest,
      keys: {
        full_attention_interval: u32(4),
        ...stateKeys(4, 128, 16, rank, 128 * rank),
        ...(next ? {} : { "rope.dimension_sections": { u32s: [11, 11, 10, 0] } }),
        "rope.dimension_count": u32(64),
        ...(more === 0 ? {} : { nextn_predict_layers: u32(more) }),
        ...(experts === undefined ? {} : expertKeys(...experts)),
      },
    },
    (index) => [
      ...norms(width, "attn_norm", "post_attention_norm"),
      ...(index % 4 === 3 || index >= layers
        ? attention(width, heads, kvHeads, 256, [
            ["attn_q_norm", 256],
            ["attn_k_norm", 256],
          ]).map((one) => (one[0] === "attn_q" ? (["attn_q", width, 2 * heads * 256] as const) : one))
        : [
            ...deltaNet(width, 128, 16, rank),
            ...(next
              ? [["ssm_ba", width, 2 * rank] as const]
              : ([
                  ["ssm_beta", width, rank],
                  ["ssm_alpha", width, rank],
                ] as const)),
          ]),
      ...(experts === undefined
        ? dense(width, inner)
        : [...mixture(width, experts[2], experts[0], experts[3]), ["ffn_gate_inp_shexp", width] as const]),
      ...(index < layers
        ? []
        : [
            ["nextn.eh_proj", 2 * width, width] as const,
            ...norms(width, "nextn.enorm", "nextn.hnorm", "nextn.shared_head_norm"),
          ]),
    ],
  )
}

/** Layers of Mamba 2 and attention, by `at`; a feed-forward network in each. */
const granite = (
  layers: number,
  width: number,
  at: ReadonlyArray<number>,
  sizes: Partial<Sizes> & {
    readonly mixed: readonly [experts: number, used: number, inner: number, shared: number] | undefined
    readonly rank: number
    readonly size: number
  },
): Shape => {
  const { mixed, rank, size, ...rest } = sizes
  const inner = 2 * width
  const heads = rest.heads as number
  const kv = heads % 8 === 0 ? 8 : 4
  return shapeOf(
    {
      architecture: "granitehybrid",
      layers,
      width,
      inner: 2048,
      heads: 32,
      vocabulary: 100_352,
      context: 131_072,
      headSize: size,
      tied: true,
      ...rest,
      kvHeads: Array.from({ length: layers }, (_, index) => (at.includes(index) ? kv : 0)),
      keys: {
        ...stateKeys(4, 128, 1, rank, inner),
        ...(mixed === undefined
          ? {}
          : { ...expertKeys(mixed[0], mixed[1], mixed[2]), expert_shared_feed_forward_length: u32(mixed[3]) }),
      },
    },
    (index) => [
      ...norms(width, "attn_norm", "ffn_norm"),
      ...(at.includes(index) ? attention(width, heads, kv, size) : mamba2(width, 128, 1, rank, inner)),
      ...(mixed === undefined ? dense(width, rest.inner as number) : mixture(width, mixed[2], mixed[0], mixed[3])),
    ],
  )
}

/** Nemotron-H: each layer is one of Mamba 2 (`M`), attention (`*`), and a network (`-`) or experts (`E`). */
const nemotron = (
  pattern: string,
  width: number,
  inner: number,
  kvHeads: number,
  heads: number,
  groups: number,
  rank: number,
  states: number,
  experts?: readonly [number, number, number, number],
): Shape =>
  shapeOf(
    {
      architecture: experts === undefined ? "nemotron_h" : "nemotron_h_moe",
      layers: pattern.length,
      width,
      inner: pattern.split("").map((kind) => (kind === "-" ? inner : kind === "E" ? experts![2] : 0)),
      heads,
      kvHeads: pattern.split("").map((kind) => (kind === "*" ? kvHeads : 0)),
      vocabulary: 131_072,
      context: 131_072,
      headSize: 128,
      keys: {
        "attention.layer_norm_epsilon": { f32: 1e-5 },
        ...stateKeys(4, 128, groups, rank, states),
        ...(experts === undefined ? {} : expertKeys(...experts)),
      },
    },
    (index) => {
      const kind = pattern[index]
      const norm = norms(width, "attn_norm")
      if (kind === "M") return [...norm, ...mamba2(width, 128, groups, rank, states)]
      if (kind === "*") return [...norm, ...attention(width, heads, kvHeads, 128)]
      if (kind === "-") return [...norm, ["ffn_up", width, inner], ["ffn_down", inner, width]]
      return [
        ...norm,
        ...mixture(width, experts![2], experts![0], experts![3]).filter(
          ([name]) => !name.includes("ffn_gate_exps") && !name.includes("ffn_gate_shexp"),
        ),
        ["exp_probs_b.bias", experts![0]],
      ]
    },
  )

const mamba = (layers: number, width: number): Shape =>
  shapeOf(
    {
      architecture: "mamba",
      layers,
      width,
      inner: 0,
      heads: 0,
      kvHeads: 0,
      vocabulary: 50_280,
      context: 1_048_576,
      tied: true,
      types: ["Q8_0", "Q8_0", "Q8_0"],
      keys: stateKeys(4, 16, 0, width / 16, 2 * width),
    },
    () => [
      ...norms(width, "attn_norm"),
      ["ssm_in", width, 4 * width],
      ["ssm_conv1d", 4, 2 * width],
      ["ssm_conv1d.bias", 2 * width],
      ["ssm_x", 2 * width, width / 16 + 32],
      ["ssm_dt", width / 16, 2 * width],
      ["ssm_dt.bias", 2 * width],
      ["ssm_a", 16, 2 * width],
      ["ssm_d", 2 * width],
      ["ssm_out", 2 * width, width],
    ],
  )

const mamba2Model = (layers: number, width: number, rank: number): Shape =>
  shapeOf(
    {
      architecture: "mamba2",
      layers,
      width,
      inner: 0,
      heads: 0,
      kvHeads: 0,
      vocabulary: 50_288,
      context: 1_048_576,
      tied: true,
      types: ["Q8_0", "Q8_0", "Q8_0"],
      keys: stateKeys(4, 128, 1, rank, 2 * width),
    },
    () => [...norms(width, "attn_norm"), ...mamba2(width, 128, 1, rank, 2 * width)],
  )

/** Falcon-H1: attention and Mamba 2 side by side in every layer. */
const falcon = (
  layers: number,
  width: number,
  inner: number,
  heads: number,
  kvHeads: number,
  rank: number,
  states: number,
): Shape =>
  shapeOf(
    {
      architecture: "falcon-h1",
      layers,
      width,
      inner,
      heads,
      kvHeads,
      vocabulary: 130_048,
      context: 262_144,
      headSize: 128,
      keys: stateKeys(4, 256, 1, rank, states),
    },
    () => [
      ...norms(width, "attn_norm", "ffn_norm.bare"),
      ...attention(width, heads, kvHeads, 128),
      ...mamba2(width, 256, 1, rank, states).filter(([name]) => name !== "ssm_norm"),
      ...dense(width, inner),
    ],
  )

/** LFM2: short convolutions, and attention where `at` says. */
const lfm2 = (
  layers: number,
  inner: number,
  at: ReadonlyArray<number>,
  experts?: readonly [number, number, number],
): Shape =>
  shapeOf(
    {
      architecture: experts === undefined ? "lfm2" : "lfm2moe",
      layers,
      width: 2048,
      inner,
      heads: 32,
      kvHeads: Array.from({ length: layers }, (_, index) => (at.includes(index) ? 8 : 0)),
      vocabulary: 65_536,
      context: 128_000,
      tied: true,
      lastNorm: "token_embd_norm",
      keys: {
        "shortconv.l_cache": u32(3),
        ...(experts === undefined
          ? {}
          : { ...expertKeys(...experts), leading_dense_block_count: u32(2), expert_gating_func: u32(2) }),
      },
    },
    (index) => [
      ...norms(2048, "attn_norm", "ffn_norm"),
      ...(at.includes(index)
        ? attention(2048, 32, 8, 64, [
            ["attn_q_norm", 64],
            ["attn_k_norm", 64],
          ])
        : ([
            ["shortconv.conv", 3, 2048],
            ["shortconv.in_proj", 2048, 6144],
            ["shortconv.out_proj", 2048, 2048],
          ] as const)),
      ...(experts === undefined || index < 2
        ? dense(2048, inner)
        : [...mixture(2048, experts[2], experts[0]), ["exp_probs_b.bias", experts[0]] as const]),
    ],
    [],
  )

/** Jamba: attention in every eighth layer, Mamba in the others, experts in every second. */
const jamba: () => Shape = () =>
  shapeOf(
    {
      architecture: "jamba",
      layers: 32,
      width: 4096,
      inner: 14_336,
      heads: 32,
      kvHeads: Array.from({ length: 32 }, (_, index) => (index % 8 === 4 ? 8 : 0)),
      vocabulary: 65_536,
      context: 262_144,
      keys: { ...stateKeys(4, 16, 0, 256, 8192), expert_count: u32(16), expert_used_count: u32(2) },
    },
    (index) => [
      ...norms(4096, "attn_norm", "ffn_norm"),
      ...(index % 8 === 4
        ? attention(4096, 32, 8, 128)
        : ([
            ["ssm_in", 4096, 16_384],
            ["ssm_conv1d", 4, 8192],
            ["ssm_conv1d.bias", 8192],
            ["ssm_x", 8192, 288],
            ["ssm_dt_norm", 256],
            ["ssm_dt", 256, 8192],
            ["ssm_dt.bias", 8192],
            ["ssm_b_norm", 16],
            ["ssm_c_norm", 16],
            ["ssm_a", 16, 8192],
            ["ssm_d", 8192],
            ["ssm_out", 8192, 4096],
          ] as const)),
      ...(index % 2 === 1 ? mixture(4096, 14_336, 16) : dense(4096, 14_336)),
    ],
  )

const NEMOTRON_9B = "M-M-M-MM-M-M-M*-M-M-M*-M-M-M-M*-M-M-M-M*-M-MM-M-M-M-M-M-"
const NEMOTRON_30B = "MEMEM*EMEMEM*EMEMEM*EMEMEM*EMEMEM*EMEMEMEM*EMEMEMEME"

export const hybrids: Readonly<Record<string, () => Shape>> = {
  "qwen3.5-27b": () =>
    qwen("qwen35", { layers: 64, width: 5120, inner: 17_408, heads: 24, kvHeads: 4, rank: 48, shape: { tied: true } }),
  "qwen3.5-4b": () =>
    qwen("qwen35", { layers: 32, width: 2560, inner: 9216, heads: 16, kvHeads: 4, rank: 32, shape: { tied: true } }),
  "qwen3.5-9b-mtp": () =>
    qwen("qwen35", { layers: 32, width: 4096, inner: 12_288, heads: 16, kvHeads: 4, rank: 32, more: 1, shape: {} }),
  "qwen3.5-35b-a3b": () =>
    qwen("qwen35moe", {
      layers: 40,
      width: 2048,
      inner: 512,
      heads: 16,
      kvHeads: 2,
      rank: 32,
      shape: { experts: [256, 8, 512, 512] },
    }),
  "qwen3-next-80b-a3b": () =>
    qwen("qwen3next", {
      layers: 48,
      width: 2048,
      inner: 5120,
      heads: 16,
      kvHeads: 2,
      rank: 32,
      shape: { experts: [512, 10, 512, 512] },
    }),
  "granite-4-h-small": () =>
    granite(40, 4096, [5, 15, 25, 35], { heads: 32, inner: 768, mixed: [72, 10, 768, 1536], rank: 128, size: 128 }),
  "granite-4-h-tiny": () =>
    granite(40, 1536, [5, 15, 25, 35], { heads: 12, inner: 512, mixed: [64, 6, 512, 1024], rank: 48, size: 128 }),
  "granite-4-h-1b": () =>
    granite(40, 1536, [5, 15, 25, 35], { heads: 12, inner: 4096, mixed: undefined, rank: 48, size: 128 }),
  "nemotron-nano-9b-v2": () => nemotron(NEMOTRON_9B, 4480, 15_680, 8, 40, 8, 128, 10_240),
  "nemotron-3-nano-30b-a3b": () => nemotron(NEMOTRON_30B, 2688, 0, 2, 32, 8, 64, 4096, [128, 6, 1856, 3712]),
  "mamba-2.8b": () => mamba(64, 2560),
  "mamba-130m": () => mamba(24, 768),
  "mamba2-2.7b": () => mamba2Model(64, 2560, 80),
  "codestral-mamba-7b": () => mamba2Model(64, 4096, 128),
  "falcon-h1-7b": () => falcon(44, 3072, 12_288, 12, 2, 24, 3072),
  "lfm2-1.2b": () => lfm2(16, 8192, [2, 5, 8, 10, 12, 14]),
  "lfm2-8b-a1b": () => lfm2(24, 7168, [2, 6, 10, 14, 18, 21], [32, 4, 1792]),
  "jamba-mini": jamba,
}
