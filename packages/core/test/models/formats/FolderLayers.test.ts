import { assert, describe, it } from "@effect/vitest"
import { folderLayers } from "../../../src/models/formats/FolderLayers.ts"

const every = (count: number, of: number, at: (place: number) => boolean) =>
  Array.from({ length: count }, (_, layer) => layer).filter((layer) => at(layer % of))
const all = (count: number) => every(count, 1, () => true)

describe("folderLayers", () => {
  it("finds windows by the list of layers, by their pattern, or by the architecture", () => {
    const listed = folderLayers(
      "gpt_oss",
      {
        num_hidden_layers: 4,
        sliding_window: 128,
        layer_types: ["sliding_attention", "full_attention", "sliding_attention", "full_attention"],
      },
      8,
    )
    assert.deepStrictEqual(listed, { slidingWindow: { tokens: 128, layers: [0, 2] } })
    const pattern = { num_hidden_layers: 12, sliding_window: 1024, sliding_window_pattern: 6 }
    assert.deepStrictEqual(folderLayers("gemma3_text", pattern, 4), {
      slidingWindow: { tokens: 1024, layers: every(12, 6, (place) => place < 5) },
    })
    const window = { num_hidden_layers: 4, sliding_window: 4096 }
    assert.deepStrictEqual(folderLayers("mistral", window, 8).slidingWindow?.layers, all(4))
    assert.deepStrictEqual(folderLayers("gemma2", window, 8).slidingWindow?.layers, [0, 2])
    const chunks = {
      num_hidden_layers: 4,
      attention_chunk_size: 8192,
      layer_types: ["chunked_attention", "chunked_attention", "chunked_attention", "full_attention"],
    }
    assert.deepStrictEqual(folderLayers("llama4_text", chunks, 8).slidingWindow, { tokens: 8192, layers: [0, 1, 2] })
  })

  it("finds none where the folder says that it is not used, or names none", () => {
    const unused = { num_hidden_layers: 4, sliding_window: 131_072, use_sliding_window: false }
    assert.deepStrictEqual(folderLayers("qwen2", unused, 8), {})
    assert.deepStrictEqual(folderLayers("mistral", { num_hidden_layers: 4, sliding_window: null }, 8), {})
  })

  it("finds the states of gated delta nets, and which layers have keys and values beside them", () => {
    const next = {
      num_hidden_layers: 8,
      linear_conv_kernel_dim: 4,
      linear_num_key_heads: 16,
      linear_num_value_heads: 32,
      linear_key_head_dim: 128,
      linear_value_head_dim: 128,
    }
    const found = folderLayers("qwen3_next", next, 2)
    assert.deepStrictEqual(found.recurrent, {
      layers: [0, 1, 2, 4, 5, 6],
      convolution: 3 * (2 * 16 * 128 + 32 * 128),
      state: 32 * 128 * 128,
    })
    assert.deepStrictEqual(found.kvHeadsByLayer, [0, 0, 0, 2, 0, 0, 0, 2])
    const listed = { ...next, num_hidden_layers: 2, layer_types: ["linear_attention", "full_attention"] }
    assert.deepStrictEqual(folderLayers("qwen3_5_text", listed, 2).kvHeadsByLayer, [0, 2])
  })

  it("finds the states of Mamba by lists, patterns and indices of layers", () => {
    const granite = folderLayers(
      "granitemoehybrid",
      {
        num_hidden_layers: 3,
        hidden_size: 1536,
        layer_types: ["mamba", "attention", "mamba"],
        mamba_n_heads: 48,
        mamba_d_head: 64,
        mamba_d_state: 128,
        mamba_n_groups: 1,
        mamba_d_conv: 4,
      },
      4,
    )
    const mixed = 48 * 64 + 2 * 128
    const inner = 48 * 64
    assert.deepStrictEqual(granite.recurrent, {
      layers: [0, 2],
      convolution: 3 * mixed,
      state: inner * 128,
      inner,
      mixed,
    })
    const nemotron = folderLayers(
      "nemotron_h",
      {
        num_hidden_layers: 5,
        hybrid_override_pattern: "M-M*-",
        mamba_num_heads: 8,
        mamba_head_dim: 64,
        ssm_state_size: 16,
        n_groups: 8,
        conv_kernel: 4,
      },
      2,
    )
    assert.deepStrictEqual(nemotron.kvHeadsByLayer, [0, 0, 0, 2, 0])
    assert.deepStrictEqual(nemotron.recurrent?.layers, [0, 2])
    const bamba = folderLayers("bamba", { num_hidden_layers: 3, attn_layer_indices: [1], mamba_d_state: 16 }, 8)
    assert.deepStrictEqual(bamba.kvHeadsByLayer, [0, 8, 0])
    const mamba = { num_hidden_layers: 2, hidden_size: 768, intermediate_size: 1536, state_size: 16, conv_kernel: 4 }
    assert.deepStrictEqual(folderLayers("mamba", mamba, undefined).recurrent, {
      layers: [0, 1],
      convolution: 3 * 1536,
      state: 1536 * 16,
      inner: 1536,
    })
  })

  it("says that the size of a state is not known, rather than that there is none", () => {
    const kinds = { num_hidden_layers: 2, layer_types: ["linear_attention", "full_attention"] }
    assert.deepStrictEqual(folderLayers("new", kinds, 2).assumed, [
      "no state of 1 layers: how large it is, is not known",
    ])
  })

  it("finds the one vector that latent attention keeps", () => {
    const latent = { num_hidden_layers: 2, kv_lora_rank: 512, qk_rope_head_dim: 64 }
    assert.deepStrictEqual(folderLayers("deepseek_v3", latent, 128), { latentLength: 576 })
  })
})
