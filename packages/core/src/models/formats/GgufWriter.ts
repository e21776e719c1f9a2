/** A value of a GGUF header, by its type there. */
export type GgufValue =
  | { readonly u32: number }
  | { readonly f32: number }
  | { readonly bool: boolean }
  | { readonly string: string }
  | { readonly u32s: ReadonlyArray<number> }
  | { readonly i32s: ReadonlyArray<number> }
  | { readonly bools: ReadonlyArray<boolean> }
  | { readonly f32s: ReadonlyArray<number> }
  | { readonly strings: ReadonlyArray<string> }

export interface GgufTensor {
  readonly name: string
  /** Length of a row first. */
  readonly shape: ReadonlyArray<number>
  /** Number of the GGML type, and the bytes that the tensor's data takes. */
  readonly type: number
  readonly bytes: number
}

const ALIGNMENT = 32

/** Bytes up to the next tensor's start. */
export const paddingAfter = (size: number): number => padded(size) - size

const padded = (size: number): number => Math.ceil(size / ALIGNMENT) * ALIGNMENT

/** What precedes the data of the first tensor in a GGUF v3 file. Source: ggml's docs/gguf.md. */
export const ggufHeader = (
  metadata: Readonly<Record<string, GgufValue>>,
  tensors: ReadonlyArray<GgufTensor>,
): Buffer => {
  let offset = 0
  const infos = tensors.flatMap(({ bytes, name, shape, type }) => {
    const at = offset
    offset = padded(offset + bytes)
    return [string(name), u32(shape.length), ...shape.map(u64), u32(type), u64(at)]
  })
  const entries = Object.entries(metadata)
  const header = Buffer.concat([
    Buffer.from("GGUF"),
    u32(3),
    u64(tensors.length),
    u64(entries.length),
    ...entries.flatMap(([key, value]) => [string(key), encoded(value)]),
    ...infos,
  ])
  return Buffer.concat([header, Buffer.alloc(paddingAfter(header.length))])
}

const encoded = (value: GgufValue): Buffer => {
  if ("u32" in value) return Buffer.concat([u32(4), u32(value.u32)])
  if ("f32" in value) return Buffer.concat([u32(6), f32(value.f32)])
  if ("bool" in value) return Buffer.concat([u32(7), Buffer.from([value.bool ? 1 : 0])])
  if ("string" in value) return Buffer.concat([u32(8), string(value.string)])
  if ("u32s" in value) return list(4, value.u32s.length, [numbers(value.u32s, "writeUInt32LE")])
  if ("i32s" in value) return list(5, value.i32s.length, [numbers(value.i32s, "writeInt32LE")])
  if ("bools" in value) return list(7, value.bools.length, [Buffer.from(value.bools.map(Number))])
  if ("f32s" in value) return list(6, value.f32s.length, [numbers(value.f32s, "writeFloatLE")])
  return list(8, value.strings.length, value.strings.map(string))
}

const list = (type: number, length: number, items: ReadonlyArray<Buffer>): Buffer =>
  Buffer.concat([u32(9), u32(type), u64(length), ...items])

/** All in one buffer: a vocabulary has a hundred thousand. */
const numbers = (values: ReadonlyArray<number>, write: "writeUInt32LE" | "writeInt32LE" | "writeFloatLE"): Buffer => {
  const bytes = Buffer.alloc(4 * values.length)
  for (const [index, value] of values.entries()) bytes[write](value, 4 * index)
  return bytes
}

const u32 = (value: number): Buffer => numbers([value], "writeUInt32LE")

const f32 = (value: number): Buffer => numbers([value], "writeFloatLE")

const u64 = (value: number): Buffer => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(BigInt(value))
  return bytes
}

const string = (text: string): Buffer => {
  const bytes = Buffer.alloc(8 + Buffer.byteLength(text))
  bytes.writeBigUInt64LE(BigInt(bytes.length - 8))
  bytes.write(text, 8)
  return bytes
}
