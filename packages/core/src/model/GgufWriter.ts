/** A value of a GGUF header, by its type there. */
export type GgufValue =
  | { readonly u32: number }
  | { readonly f32: number }
  | { readonly bool: boolean }
  | { readonly string: string }
  | { readonly u32s: ReadonlyArray<number> }
  | { readonly i32s: ReadonlyArray<number> }
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

/** What stands before the data of the first tensor in a GGUF v3 file. Source: ggml's docs/gguf.md. */
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
  if ("u32s" in value) return list(4, value.u32s.map(u32))
  if ("i32s" in value) return list(5, value.i32s.map(i32))
  if ("f32s" in value) return list(6, value.f32s.map(f32))
  return list(8, value.strings.map(string))
}

const list = (type: number, items: ReadonlyArray<Buffer>): Buffer =>
  Buffer.concat([u32(9), u32(type), u64(items.length), ...items])

const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

const i32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32LE(value)
  return bytes
}

const f32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeFloatLE(value)
  return bytes
}

const u64 = (value: number): Buffer => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(BigInt(value))
  return bytes
}

const string = (text: string): Buffer => Buffer.concat([u64(Buffer.byteLength(text)), Buffer.from(text)])
