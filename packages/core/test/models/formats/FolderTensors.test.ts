import { assert, describe, it } from "@effect/vitest"
import { folderTensors } from "../../../src/models/formats/FolderTensors.ts"

const named = (...names: ReadonlyArray<string>) => names.map((name, index) => ({ name, bytes: 10 ** index }))

describe("folderTensors", () => {
  it("tells tables, layers, their experts and the output apart, however they are called", () => {
    const mixture = named(
      "model.embed_tokens.weight",
      "model.layers.0.self_attn.q_proj.weight",
      "model.layers.1.mlp.experts.7.gate_proj.weight",
      "model.layers.1.mlp.shared_experts.gate_proj.weight",
      "model.norm.weight",
      "lm_head.weight",
    )
    assert.deepStrictEqual(folderTensors(mixture), {
      input: 1,
      layers: [10, 1100],
      experts: [0, 100],
      output: 110_000,
      tied: false,
    })
    const gpt = named("transformer.wte.weight", "transformer.h.0.attn.c_attn.weight", "transformer.ln_f.weight")
    assert.deepStrictEqual(folderTensors(gpt), { input: 1, layers: [10], output: 100, tied: true })
    const bert = named("embeddings.word_embeddings.weight", "encoder.layer.0.output.dense.weight")
    assert.deepStrictEqual(folderTensors(bert), { input: 1, layers: [10], output: 0, tied: true })
  })

  it("takes layers of parts that see for no layers of the text", () => {
    const seeing = named("visual.blocks.31.attn.qkv.weight", "language_model.model.layers.0.input_layernorm.weight")
    assert.deepStrictEqual(folderTensors(seeing), { input: 1, layers: [10], output: 0, tied: true })
  })

  it("is not there without layers", () => {
    assert.isUndefined(folderTensors(named("embedding.weight")))
  })
})
