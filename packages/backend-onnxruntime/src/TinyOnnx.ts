import { input, node, onnx, output, tensor } from "./OnnxEncoding.ts"

/** Numbers that look random and are always the same. */
const numbers = (count: number, seed: number): Float32Array => {
  let state = seed
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0
    return state / 2 ** 31
  })
}

/**
 * The smallest ONNX file that embeds: a table of tokens, and one product. Its vectors mean nothing. Pure; source of the
 * format: onnx.proto 3, opset 17.
 */
export const tinyOnnx = (size: { readonly vocabulary: number; readonly width: number }): Uint8Array =>
  onnx(...tinyGraph(size), output("last_hidden_state", "float", ["texts", "tokens", size.width]))

/** Its graph without an output: `last_hidden_state` has the vectors of the tokens. */
export const tinyGraph = ({ vocabulary, width }: { readonly vocabulary: number; readonly width: number }) => [
  node("Gather", ["table", "input_ids"], "tokens_of_table"),
  node("MatMul", ["tokens_of_table", "square"], "last_hidden_state"),
  tensor("table", [vocabulary, width], numbers(vocabulary * width, 1)),
  tensor("square", [width, width], numbers(width * width, 2)),
  input("input_ids", "int64", ["texts", "tokens"]),
  input("attention_mask", "int64", ["texts", "tokens"]),
]
