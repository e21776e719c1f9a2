import { assert, describe, it } from "@effect/vitest"
import { tensorBytes } from "../../../src/models/formats/TensorBytes.ts"

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
    const tied = { input: 101, layers: [10, 25], output: 2, tied: true }
    assert.deepStrictEqual(tensorBytes(tensors), tied)
    assert.deepStrictEqual(tensorBytes([...tensors, ["output.weight", 90]]), { ...tied, output: 92, tied: false })
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
    assert.isUndefined(tensorBytes([["per_layer_token_embd.weight", 1]]))
    assert.isUndefined(tensorBytes([["enc.blk.0.attn_q.weight", 1]]))
  })
})
