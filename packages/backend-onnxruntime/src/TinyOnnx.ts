/** Field numbers are those of onnx.proto, types those of TensorProto.DataType. */
const FLOAT = 1
const INT64 = 7

const varint = (value: number): Buffer => {
  const bytes: Array<number> = []
  let rest = value
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80)
  return Buffer.from([...bytes, rest])
}
const number = (field: number, value: number): Buffer => Buffer.concat([varint(field * 8), varint(value)])
const bytes = (field: number, value: Uint8Array): Buffer =>
  Buffer.concat([varint(field * 8 + 2), varint(value.length), value])
const text = (field: number, value: string): Buffer => bytes(field, Buffer.from(value))
const message = (field: number, ...parts: ReadonlyArray<Buffer>): Buffer => bytes(field, Buffer.concat(parts))

const node = (type: string, inputs: ReadonlyArray<string>, output: string): Buffer =>
  message(1, ...inputs.map((input) => text(1, input)), text(2, output), text(4, type))

const tensor = (name: string, shape: ReadonlyArray<number>, values: Float32Array): Buffer =>
  message(
    5,
    ...shape.map((size) => number(1, size)),
    number(2, FLOAT),
    text(8, name),
    bytes(9, new Uint8Array(values.buffer)),
  )

const value = (field: number, name: string, type: number, shape: ReadonlyArray<string | number>): Buffer => {
  const sizes = shape.map((size) => message(1, typeof size === "number" ? number(1, size) : text(2, size)))
  return message(field, text(1, name), message(2, message(1, number(1, type), message(2, ...sizes))))
}

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
export const tinyOnnx = ({ vocabulary, width }: { readonly vocabulary: number; readonly width: number }): Uint8Array =>
  Buffer.concat([
    number(1, 8), // the version of the format
    text(2, "rigbook"),
    message(
      7,
      node("Gather", ["table", "input_ids"], "tokens_of_table"),
      node("MatMul", ["tokens_of_table", "square"], "last_hidden_state"),
      text(2, "tiny"),
      tensor("table", [vocabulary, width], numbers(vocabulary * width, 1)),
      tensor("square", [width, width], numbers(width * width, 2)),
      value(11, "input_ids", INT64, ["texts", "tokens"]),
      value(11, "attention_mask", INT64, ["texts", "tokens"]),
      value(12, "last_hidden_state", FLOAT, ["texts", "tokens", width]),
    ),
    message(8, number(2, 17)), // operators of opset 17
  ])
