import { ggmlTypeNamed } from "../../model/GgmlType.ts"
import type { ModelFacts } from "../../model/Model.ts"
import { type Quantization, tensorType } from "../../model/Recipe.ts"

/** A tensor as a GGUF header describes it. */
interface Tensor {
  readonly name: string
  /** Length of a row first. */
  readonly shape: ReadonlyArray<bigint>
  /** Number of its type. */
  readonly dtype: number
}

/** Matrices that are not quantized. Source: `tensor_allows_quantization` in llama.cpp's `src/llama-quant.cpp`. */
const KEPT =
  /_norm\.weight$|ffn_gate_inp\.weight$|^(position_embd|token_types)\.weight$|ssm_conv1d|shortconv\.conv\.weight$/

/** The tensors of a GGUF file with the types that llama.cpp's quantizer would give them. Pure. */
export const quantizedTensors = <T extends Tensor>(
  tensors: ReadonlyArray<T>,
  { experts = 0, heads = 1, kvHeads = heads, layers = 0 }: Partial<ModelFacts>,
  to: Quantization,
): ReadonlyArray<T> => {
  const tied = tensors.every(({ name }) => name !== "output.weight")
  return tensors.map((tensor) => {
    const { name, shape } = tensor
    if (shape.length < 2 || !name.endsWith(".weight") || KEPT.test(name)) return tensor
    const [, layer = "0", part = name] = /^(?:blk\.(\d+)\.)?(.+)\.weight$/.exec(name) ?? []
    const type = tensorType(to, Number(shape[0]), {
      // A token table that also makes the output counts as the output.
      part: tied && part === "token_embd" ? "output" : part,
      layer: Number(layer),
      layers,
      heads,
      kvHeads,
      experts,
    })
    return { ...tensor, dtype: ggmlTypeNamed(type).id }
  })
}
