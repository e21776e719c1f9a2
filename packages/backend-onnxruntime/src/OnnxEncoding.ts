/** Parts of an ONNX file, as bytes. Field numbers are those of onnx.proto, types those of TensorProto.DataType. */
export const TYPES = { float: 1, uint8: 2, int64: 7, float16: 10 } as const

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

export const node = (
  type: string,
  inputs: ReadonlyArray<string>,
  output: string,
  attributes: Readonly<Record<string, Buffer>> = {},
): Buffer =>
  message(
    1,
    ...inputs.map((input) => text(1, input)),
    text(2, output),
    text(4, type),
    ...Object.entries(attributes).map(([name, value]) => message(5, text(1, name), value)),
  )

/** Values of attributes: with the number of their type, without which ONNX Runtime refuses a file. */
export const integer = (value: number): Buffer => Buffer.concat([number(3, value), number(20, 2)])
export const subgraph = (...parts: ReadonlyArray<Buffer>): Buffer =>
  Buffer.concat([message(6, ...parts), number(20, 5)])

const typeOf = (values: Float32Array | Uint8Array | BigInt64Array): number =>
  values instanceof Float32Array ? TYPES.float : values instanceof Uint8Array ? TYPES.uint8 : TYPES.int64

export const tensor = (
  name: string,
  shape: ReadonlyArray<number>,
  values: Float32Array | Uint8Array | BigInt64Array,
): Buffer =>
  message(
    5,
    ...shape.map((size) => number(1, size)),
    number(2, typeOf(values)),
    text(8, name),
    bytes(9, new Uint8Array(values.buffer, values.byteOffset, values.byteLength)),
  )

type Shape = ReadonlyArray<string | number>

const value = (field: number, name: string, type: keyof typeof TYPES, shape: Shape): Buffer => {
  const sizes = shape.map((size) => message(1, typeof size === "number" ? number(1, size) : text(2, size)))
  return message(field, text(1, name), message(2, message(1, number(1, TYPES[type]), message(2, ...sizes))))
}
export const input = (name: string, type: keyof typeof TYPES, shape: Shape): Buffer => value(11, name, type, shape)
export const output = (name: string, type: keyof typeof TYPES, shape: Shape): Buffer => value(12, name, type, shape)

/** A file of one graph, with the operators of opset 17. */
export const onnx = (...graph: ReadonlyArray<Buffer>): Uint8Array =>
  Buffer.concat([
    number(1, 8), // the version of the format
    text(2, "rigbook"),
    message(7, ...graph, text(2, "tiny")),
    message(8, number(2, 17)),
  ])
