import { assert, describe, it } from "@effect/vitest"
import { tensorBytes, unplaced } from "../../../src/models/formats/TensorBytes.ts"

describe("tensorBytes", () => {
  it("sorts tensors into input, layers and output", () => {
    const tensors = [
      ["token_embd.weight", 100],
      ["rope_freqs.weight", 1],
      ["blk.1.attn_q.weight", 20],
      ["blk.0.attn_q.weight", 10],
      ["blk.1.ffn_up.weight", 5],
      ["output_norm.weight", 2],
    ] as const
    const sorted = { input: 101, layers: [10, 25], output: 2, tied: true }
    assert.deepStrictEqual(tensorBytes(tensors), { ...sorted, table: 100 })
    assert.deepStrictEqual(tensorBytes([...tensors, ["output.weight", 90]]), { ...sorted, output: 92, tied: false })
    assert.deepStrictEqual(tensorBytes([["blk.1.a", 3]])?.layers, [0, 3])
  })

  it("tells a mixture's experts from the rest of their layers, but not those that all tokens share", () => {
    const mixture = [
      ["token_embd.weight", 100],
      ["blk.0.ffn_gate.weight", 7],
      ["blk.1.attn_q.weight", 10],
      ["blk.1.ffn_gate_inp.weight", 1],
      ["blk.1.ffn_gate_exps.weight", 40],
      ["blk.1.ffn_up_exps.weight", 50],
      ["blk.1.ffn_down_exps.weight", 60],
      ["blk.1.ffn_down_exps.bias", 2],
      ["blk.1.ffn_up_shexp.weight", 5],
      ["blk.2.ffn_gate_up_exps.weight", 30],
      ["blk.2.ffn_down_chexps.weight", 3],
    ] as const
    assert.deepInclude(tensorBytes(mixture), { layers: [7, 168, 33], experts: [0, 152, 33] })
    assert.notProperty(tensorBytes(mixture.slice(0, 2)), "experts")
  })

  it("does not guess where a tensor belongs", () => {
    const strange = "enc.blk.0.attn_q.weight"
    assert.isUndefined(tensorBytes([[strange, 1]]))
    assert.deepStrictEqual(unplaced(["token_embd.weight", strange, "blk.0.attn_q.weight"]), [strange])
  })

  it("keeps tables of layers' own inputs with the tokens, what projects them with the first layer", () => {
    const tensors = [
      ["token_embd.weight", 100],
      ["per_layer_token_embd.weight", 400],
      ["per_layer_model_proj.weight", 7],
      ["altup_proj.weight", 3],
      ["output_norm.weight", 2],
    ] as const
    assert.deepStrictEqual(tensorBytes(tensors), { input: 500, table: 100, layers: [7], output: 5, tied: true })
  })
})
