import { attention, dense, f32, norms, type Shape, shapeOf, type Sizes, u32 } from "./Shape.ts"

type Dense = Omit<Sizes, "architecture"> & {
  readonly inner: number
  readonly heads: number
  readonly kvHeads: number
  readonly headSize: number
}

const plain = (
  architecture: string,
  sizes: Dense,
  more: ReadonlyArray<readonly [string, ...ReadonlyArray<number>]> = [["ffn_norm", sizes.width]],
): Shape =>
  shapeOf({ architecture, ...sizes }, () => [
    ...norms(sizes.width, "attn_norm"),
    ...attention(sizes.width, sizes.heads, sizes.kvHeads, sizes.headSize),
    ...more,
    ...dense(sizes.width, sizes.inner),
  ])

const GEMMA = ["attn_norm", "ffn_norm", "post_attention_norm", "post_ffw_norm"]

const gemma3 = (
  layers: number,
  width: number,
  inner: number,
  heads: number,
  kvHeads: number,
  headSize: number,
  window = 1024,
): Shape =>
  shapeOf(
    {
      architecture: "gemma3",
      layers,
      width,
      inner,
      heads,
      kvHeads,
      vocabulary: 262_208,
      context: 131_072,
      headSize,
      tied: true,
      keys: { "attention.sliding_window": u32(window) },
    },
    () => [
      ...norms(width, ...GEMMA),
      ...attention(width, heads, kvHeads, headSize, [
        ["attn_q_norm", headSize],
        ["attn_k_norm", headSize],
      ]),
      ...dense(width, inner),
    ],
  )

/** Gemma 3n: tables of each layer's inputs, layers at the end that use keys and values of others. */
const gemma3n = (layers: number, inner: number, shared: number): Shape =>
  shapeOf(
    {
      architecture: "gemma3n",
      layers,
      width: 2048,
      inner,
      heads: 8,
      kvHeads: 2,
      vocabulary: 262_144,
      context: 32_768,
      headSize: 256,
      tied: true,
      keys: {
        "attention.sliding_window": u32(512),
        "attention.shared_kv_layers": u32(shared),
        "attention.sliding_window_pattern": { bools: Array.from({ length: layers }, (_, index) => index % 5 !== 4) },
        "altup.active_idx": u32(0),
        "altup.num_inputs": u32(4),
        embedding_length_per_layer_input: u32(256),
        activation_sparsity_scale: {
          f32s: Array.from({ length: layers }, (_, index) => (index < 10 ? 1.645 : -Infinity)),
        },
      },
    },
    () => [
      ...norms(2048, ...GEMMA),
      ...attention(2048, 8, 2, 256, [
        ["attn_q_norm", 256],
        ["attn_k_norm", 256],
      ]),
      ...dense(2048, inner),
      ["inp_gate", 2048, 256],
      ["proj", 256, 2048],
      ["post_norm", 2048],
      ["altup_correct_coef", 4, 4],
      ["altup_correct_scale", 2048],
      ["altup_predict_coef", 4, 16],
      ["altup_router", 2048, 4],
      ["altup_router_norm", 2048],
      ["laurel_l", 2048, 64],
      ["laurel_r", 64, 2048],
      ["laurel_post_norm", 2048],
    ],
    [
      ["per_layer_token_embd", 256 * layers, 262_144],
      ["per_layer_model_proj", 2048, 256 * layers],
      ["per_layer_proj_norm", 256],
      ["altup_proj", 2048, 2048, 3],
      ["altup_unembd_proj", 2048, 2048, 3],
    ],
  )

/** Gemma 4: heads of another width where a layer has a window; per-layer inputs in the small ones. */
const gemma4 = (
  layers: number,
  width: number,
  inner: number,
  heads: number,
  kvHeads: readonly [window: number, full: number],
  window: number,
  shared: number,
  perLayer: number,
  every: number,
): Shape => {
  const windowed = (index: number) => index % every !== every - 1
  const kv = Array.from({ length: layers }, (_, index) => (windowed(index) ? kvHeads[0] : kvHeads[1]))
  return shapeOf(
    {
      architecture: "gemma4",
      layers,
      width,
      inner,
      heads,
      kvHeads: kv,
      vocabulary: 262_144,
      context: 131_072,
      tied: true,
      keys: {
        "attention.key_length": u32(512),
        "attention.value_length": u32(512),
        "attention.key_length_swa": u32(256),
        "attention.value_length_swa": u32(256),
        "rope.dimension_count": u32(512),
        "rope.dimension_count_swa": u32(256),
        "rope.freq_base_swa": f32(10_000),
        "attention.sliding_window": u32(window),
        "attention.shared_kv_layers": u32(shared),
        "attention.sliding_window_pattern": { bools: kv.map((_, index) => windowed(index)) },
        embedding_length_per_layer_input: u32(perLayer),
      },
    },
    (index) => {
      const size = windowed(index) ? 256 : 512
      return [
        ...norms(width, ...GEMMA),
        ...attention(width, heads, kv[index]!, size, [
          ["attn_q_norm", size],
          ["attn_k_norm", size],
        ]),
        ...dense(width, inner),
        ...(perLayer === 0
          ? []
          : ([
              ["inp_gate", width, perLayer],
              ["proj", perLayer, width],
              ["post_norm", width],
            ] as const)),
      ]
    },
    [
      ["rope_freqs", 256],
      ...(perLayer === 0
        ? []
        : ([
            ["per_layer_token_embd", perLayer * layers, 262_144],
            ["per_layer_model_proj", width, perLayer * layers],
            ["per_layer_proj_norm", perLayer],
          ] as const)),
    ],
  )
}

export const windows: Readonly<Record<string, () => Shape>> = {
  "gemma-3-27b": () => gemma3(62, 5376, 21_504, 32, 16, 128),
  "gemma-3-4b": () => gemma3(34, 2560, 10_240, 8, 4, 256),
  "gemma-3n-e4b": () => gemma3n(35, 16_384, 15),
  "gemma-3n-e2b": () => gemma3n(30, 8192, 10),
  "gemma-4-e4b": () => gemma4(42, 2560, 10_240, 8, [2, 2], 512, 18, 256, 6),
  "gemma-4-31b": () => gemma4(60, 5376, 21_504, 32, [16, 4], 1024, 0, 0, 6),
  "command-r7b": () =>
    plain(
      "cohere2",
      {
        layers: 32,
        width: 4096,
        inner: 14_336,
        heads: 32,
        kvHeads: 8,
        vocabulary: 256_000,
        context: 8192,
        headSize: 128,
        tied: true,
        keys: {
          "attention.layer_norm_epsilon": f32(1e-5),
          "attention.sliding_window": u32(4096),
          logit_scale: f32(0.25),
        },
      },
      [],
    ),
  "qwen3-32b": () =>
    plain(
      "qwen3",
      {
        layers: 64,
        width: 5120,
        inner: 25_600,
        heads: 64,
        kvHeads: 8,
        vocabulary: 151_936,
        context: 40_960,
        headSize: 128,
      },
      [
        ["ffn_norm", 5120],
        ["attn_q_norm", 128],
        ["attn_k_norm", 128],
      ],
    ),
  "mistral-small-24b": () =>
    plain("llama", {
      layers: 40,
      width: 5120,
      inner: 32_768,
      heads: 32,
      kvHeads: 8,
      vocabulary: 131_072,
      context: 131_072,
      headSize: 128,
    }),
  "phi-4": () =>
    shapeOf(
      {
        architecture: "phi3",
        layers: 40,
        width: 5120,
        inner: 17_920,
        heads: 40,
        kvHeads: 10,
        vocabulary: 100_352,
        context: 16_384,
        keys: {
          "rope.dimension_count": u32(128),
          "rope.scaling.original_context_length": u32(16_384),
          "attention.sliding_window": u32(0),
        },
      },
      () => [
        ...norms(5120, "attn_norm", "ffn_norm"),
        ["attn_qkv", 5120, 7680],
        ["attn_output", 5120, 5120],
        ["ffn_up", 5120, 35_840],
        ["ffn_down", 17_920, 5120],
      ],
    ),
}
