import { attention, dense, expertKeys, f32, mixture, norms, type Shape, shapeOf, type Sizes, u32 } from "./Shape.ts"

const QK = (size: number) =>
  [
    ["attn_q_norm", size],
    ["attn_k_norm", size],
  ] as const

/** DeepSeek V3 and its kin: latent attention, a shared expert, dense layers first. */
const deepseek = (
  layers: number,
  heads: number,
  experts: number,
  lead: number,
  vocabulary: number,
  sizes: {
    readonly width: number
    readonly query: number
    readonly inner: number
    readonly expert: number
    readonly used: number
  },
): Shape =>
  shapeOf(
    {
      architecture: "deepseek2",
      layers,
      width: sizes.width,
      inner: sizes.inner,
      heads,
      kvHeads: 1,
      vocabulary,
      context: 163_840,
      keys: {
        "attention.key_length": u32(576),
        "attention.value_length": u32(512),
        "attention.key_length_mla": u32(192),
        "attention.value_length_mla": u32(128),
        "rope.dimension_count": u32(64),
        ...(sizes.query === 0 ? {} : { "attention.q_lora_rank": u32(sizes.query) }),
        "attention.kv_lora_rank": u32(512),
        leading_dense_block_count: u32(lead),
        ...expertKeys(experts, sizes.used, sizes.expert),
        expert_shared_count: u32(1),
        expert_weights_scale: f32(2.5),
        expert_weights_norm: { bool: true },
        expert_gating_func: u32(2),
      },
    },
    (index) => [
      ...norms(sizes.width, "attn_norm", "ffn_norm"),
      ...(sizes.query === 0
        ? [["attn_q", sizes.width, heads * 192] as const]
        : ([
            ["attn_q_a", sizes.width, sizes.query],
            ["attn_q_a_norm", sizes.query],
            ["attn_q_b", sizes.query, heads * 192],
          ] as const)),
      ["attn_kv_a_mqa", sizes.width, 576],
      ["attn_kv_a_norm", 512],
      ["attn_k_b", 128, 512, heads],
      ["attn_v_b", 512, 128, heads],
      ["attn_output", heads * 128, sizes.width],
      ...(index < lead
        ? dense(sizes.width, sizes.inner)
        : [...mixture(sizes.width, sizes.expert, experts, sizes.expert), ["exp_probs_b.bias", experts] as const]),
    ],
  )

/** A mixture whose layers are all alike but for dense ones first. */
const plain = (
  sizes: Sizes & {
    readonly headSize: number
    readonly heads: number
    readonly kvHeads: number
    readonly inner: number
  },
  experts: readonly [count: number, used: number, inner: number, shared?: number],
  {
    lead = 0,
    more = [],
    names = ["attn_norm", "ffn_norm"],
    next = 0,
    every = 1,
  }: {
    readonly lead?: number
    readonly more?: ReadonlyArray<readonly [string, ...ReadonlyArray<number>]>
    readonly names?: ReadonlyArray<string>
    readonly next?: number
    readonly every?: number
  } = {},
): Shape =>
  shapeOf({ ...sizes, keys: { ...expertKeys(...experts), ...sizes.keys } }, (index) => [
    ...norms(sizes.width, ...names),
    ...attention(sizes.width, sizes.heads, sizes.kvHeads, sizes.headSize),
    ...more.filter(([name]) => name !== "exp_probs_b.bias" || index >= lead),
    ...(index < lead || index % every !== every - 1
      ? dense(sizes.width, sizes.inner)
      : mixture(sizes.width, experts[2], experts[0], experts[3])),
    ...(index < sizes.layers - next
      ? []
      : [
          ["nextn.eh_proj", 2 * sizes.width, sizes.width] as const,
          ...norms(sizes.width, "nextn.enorm", "nextn.hnorm", "nextn.shared_head_norm"),
        ]),
  ])

const gptOss = (layers: number, experts: number): Shape =>
  shapeOf(
    {
      architecture: "gpt-oss",
      layers,
      width: 2880,
      inner: 2880,
      heads: 64,
      kvHeads: 8,
      vocabulary: 201_088,
      context: 131_072,
      headSize: 64,
      types: ["Q8_0", "MXFP4", "Q8_0"],
      keys: { ...expertKeys(experts, 4, 2880), "attention.sliding_window": u32(128) },
    },
    () => [
      ...norms(2880, "attn_norm", "post_attention_norm"),
      ...attention(2880, 64, 8, 64, [
        ["attn_q.bias", 4096],
        ["attn_k.bias", 512],
        ["attn_v.bias", 512],
        ["attn_output.bias", 2880],
        ["attn_sinks", 64],
      ]),
      ...mixture(2880, 2880, experts),
      ["ffn_gate_inp.bias", experts],
      ["ffn_gate_exps.bias", 2880, experts],
      ["ffn_up_exps.bias", 2880, experts],
      ["ffn_down_exps.bias", 2880, experts],
    ],
  )

const glm = (
  layers: number,
  width: number,
  inner: number,
  kvHeads: number,
  experts: readonly [number, number, number, number],
  lead: number,
): Shape =>
  plain(
    {
      architecture: "glm4moe",
      layers: layers + 1,
      width,
      inner,
      heads: 96,
      kvHeads,
      vocabulary: 151_552,
      context: 131_072,
      headSize: 128,
      keys: {
        nextn_predict_layers: u32(1),
        leading_dense_block_count: u32(lead),
        expert_gating_func: u32(2),
        "rope.dimension_count": u32(64),
      },
    },
    experts,
    { lead, next: 1, names: ["attn_norm", "post_attention_norm"], more: [["exp_probs_b.bias", experts[0]]] },
  )

export const mixtures: Readonly<Record<string, () => Shape>> = {
  "gpt-oss-20b": () => gptOss(24, 32),
  "gpt-oss-120b": () => gptOss(36, 128),
  "qwen3-30b-a3b": () =>
    plain(
      {
        architecture: "qwen3moe",
        layers: 48,
        width: 2048,
        inner: 6144,
        heads: 32,
        kvHeads: 4,
        vocabulary: 151_936,
        context: 40_960,
        headSize: 128,
      },
      [128, 8, 768],
      { more: QK(128) },
    ),
  "qwen3-235b-a22b": () =>
    plain(
      {
        architecture: "qwen3moe",
        layers: 94,
        width: 4096,
        inner: 12_288,
        heads: 64,
        kvHeads: 4,
        vocabulary: 151_936,
        context: 40_960,
        headSize: 128,
      },
      [128, 8, 1536],
      { more: QK(128) },
    ),
  "deepseek-v3": () =>
    deepseek(61, 128, 256, 3, 129_280, { width: 7168, query: 1536, inner: 18_432, expert: 2048, used: 8 }),
  "deepseek-v2-lite": () =>
    deepseek(27, 16, 64, 1, 102_400, { width: 2048, query: 0, inner: 10_944, expert: 1408, used: 6 }),
  "kimi-k2": () =>
    deepseek(61, 64, 384, 1, 163_840, { width: 7168, query: 1536, inner: 18_432, expert: 2048, used: 8 }),
  "llama-4-scout": () =>
    plain(
      {
        architecture: "llama4",
        layers: 48,
        width: 5120,
        inner: 16_384,
        heads: 40,
        kvHeads: 8,
        vocabulary: 202_048,
        context: 10_485_760,
        headSize: 128,
        keys: { interleave_moe_layer_step: u32(1) },
      },
      [16, 1, 8192, 8192],
    ),
  "llama-4-maverick": () =>
    plain(
      {
        architecture: "llama4",
        layers: 48,
        width: 5120,
        inner: 16_384,
        heads: 40,
        kvHeads: 8,
        vocabulary: 202_048,
        context: 1_048_576,
        headSize: 128,
        keys: { interleave_moe_layer_step: u32(2) },
      },
      [128, 1, 8192, 8192],
      { every: 2 },
    ),
  "minimax-m2": () =>
    plain(
      {
        architecture: "minimax-m2",
        layers: 62,
        width: 3072,
        inner: 1536,
        heads: 48,
        kvHeads: 8,
        vocabulary: 200_064,
        context: 196_608,
        headSize: 128,
        keys: { "rope.dimension_count": u32(64), expert_gating_func: u32(2) },
      },
      [256, 8, 1536],
      {
        more: [
          ["attn_q_norm", 6144],
          ["attn_k_norm", 1024],
          ["exp_probs_b.bias", 256],
        ],
      },
    ),
  "glm-4.5-air": () => glm(46, 4096, 10_944, 8, [128, 8, 1408, 1408], 1),
  "glm-4.6": () => glm(92, 5120, 12_288, 8, [160, 8, 1536, 1536], 3),
  "mixtral-8x22b": () =>
    plain(
      {
        architecture: "llama",
        layers: 56,
        width: 6144,
        inner: 16_384,
        heads: 48,
        kvHeads: 8,
        vocabulary: 32_768,
        context: 65_536,
        headSize: 128,
      },
      [8, 2, 16_384],
    ),
  "olmoe-7b": () =>
    plain(
      {
        architecture: "olmoe",
        layers: 16,
        width: 2048,
        inner: 1024,
        heads: 16,
        kvHeads: 16,
        vocabulary: 50_304,
        context: 4096,
        headSize: 128,
      },
      [64, 8, 1024],
      {
        more: [
          ["attn_q_norm", 2048],
          ["attn_k_norm", 2048],
        ],
      },
    ),
}
