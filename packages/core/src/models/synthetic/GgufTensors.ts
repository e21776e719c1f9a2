import { type GgmlTypeName, ggmlTypeNamed } from "../../model/GgmlType.ts"
import { tensorType } from "../../model/Recipe.ts"
import { shapeOf, type SyntheticGguf } from "../../model/SyntheticModel.ts"
import type { GgufTensor } from "../formats/GgufWriter.ts"

/** The tensors of a model in GGUF, in a file's order. Source: `load_arch_tensors` in llama.cpp's `src/models`. */
export const ggufTensors = (model: SyntheticGguf): ReadonlyArray<GgufTensor> => {
  const { experts, headSize, heads, hidden, inner, kvHeads, layers, vocabulary } = shapeOf(model)
  const matrix = (part: string, shape: readonly [number, ...Array<number>], layer = 0) =>
    tensor(part, shape, tensorType(model.quantization, shape[0], { part, layer, layers, heads, kvHeads, experts }))
  const vector = (part: string, size: number) => tensor(part, [size], "F32")
  const layer = (at: number): ReadonlyArray<GgufTensor> => [
    vector("attn_norm", hidden),
    matrix("attn_q", [hidden, heads * headSize], at),
    matrix("attn_k", [hidden, kvHeads * headSize], at),
    matrix("attn_v", [hidden, kvHeads * headSize], at),
    matrix("attn_output", [heads * headSize, hidden], at),
    ...(model.architecture === "qwen2"
      ? [bias("attn_q", heads * headSize), bias("attn_k", kvHeads * headSize), bias("attn_v", kvHeads * headSize)]
      : []),
    vector("ffn_norm", hidden),
    ...(experts === 0
      ? [
          matrix("ffn_gate", [hidden, inner], at),
          matrix("ffn_up", [hidden, inner], at),
          matrix("ffn_down", [inner, hidden], at),
        ]
      : [
          // The routing to experts is never quantized.
          tensor("ffn_gate_inp", [hidden, experts], "F32"),
          matrix("ffn_gate_exps", [hidden, inner, experts], at),
          matrix("ffn_up_exps", [hidden, inner, experts], at),
          matrix("ffn_down_exps", [inner, hidden, experts], at),
        ]),
  ]
  return [
    matrix("token_embd", [hidden, vocabulary]),
    ...Array.from({ length: layers }, (_, at) =>
      layer(at).map((inside) => ({ ...inside, name: `blk.${at}.${inside.name}` })),
    ).flat(),
    vector("output_norm", hidden),
    matrix("output", [hidden, vocabulary]),
  ]
}

const tensor = (part: string, shape: ReadonlyArray<number>, name: GgmlTypeName): GgufTensor => {
  const { blockBytes, blockSize, id } = ggmlTypeNamed(name)
  const elements = shape.reduce((product, size) => product * size, 1)
  return { name: `${part}.weight`, shape, type: id, bytes: (elements / blockSize) * blockBytes }
}

const bias = (part: string, size: number): GgufTensor => ({ ...tensor(part, [size], "F32"), name: `${part}.bias` })
