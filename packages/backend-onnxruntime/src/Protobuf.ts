import type { FileHandle } from "node:fs/promises"

/** A part of a file, in bytes from its start. */
export interface Range {
  readonly start: number
  readonly end: number
}

/** A field of a message: a number, or the range of a text, a message or bytes. */
interface Field {
  readonly number: number
  readonly value?: number
  readonly range?: Range
}

const WINDOW_BYTES = 4096

/** A varint takes at most ten bytes. */
const VARINT_BYTES = 10

/** The part of each file that was read last: what follows a skipped weight is read again. */
const windows = new WeakMap<FileHandle, Range & { readonly bytes: Buffer }>()

const bytesAt = async (file: FileHandle, start: number, length: number): Promise<Buffer> => {
  const known = windows.get(file)
  if (known !== undefined && start >= known.start && start + length <= known.end)
    return known.bytes.subarray(start - known.start, start - known.start + length)
  const bytes = Buffer.alloc(Math.max(WINDOW_BYTES, length))
  const { bytesRead } = await file.read(bytes, 0, bytes.length, start)
  windows.set(file, { start, end: start + bytesRead, bytes: bytes.subarray(0, bytesRead) })
  return bytes.subarray(0, Math.min(length, bytesRead))
}

const varint = async (file: FileHandle, { end, start }: Range): Promise<readonly [value: number, next: number]> => {
  const bytes = await bytesAt(file, start, Math.min(VARINT_BYTES, end - start))
  let value = 0
  for (const [at, byte] of bytes.entries()) {
    value += (byte & 0x7f) * 2 ** (7 * at)
    if (byte < 0x80) return [value, start + at + 1]
  }
  throw new Error("it ends within a number")
}

/**
 * The fields of a message, without reading the bytes of those that have a range. Source: the wire format of protocol
 * buffers.
 */
export const fields = Object.assign(
  async function* (file: FileHandle, message: Range): AsyncGenerator<Field> {
    let at = message.start
    while (at < message.end) {
      const [key, next] = await varint(file, { start: at, end: message.end })
      const [number, wire] = [Math.floor(key / 8), key % 8]
      if (number === 0) throw new Error("it is not an ONNX file")
      if (wire === 0) {
        const [value, after] = await varint(file, { start: next, end: message.end })
        yield { number, value }
        at = after
      } else if (wire === 2) {
        const [length, start] = await varint(file, { start: next, end: message.end })
        const end = start + length
        if (end > message.end) throw new Error("it is incomplete, or not an ONNX file")
        yield { number, range: { start, end } }
        at = end
      } else if (wire === 1 || wire === 5) at = next + (wire === 1 ? 8 : 4)
      else throw new Error("it is not an ONNX file")
    }
  },
  {
    /** Numbers one after the other. */
    packed: async function* (file: FileHandle, range: Range): AsyncGenerator<number> {
      let at = range.start
      while (at < range.end) {
        const [value, next] = await varint(file, { start: at, end: range.end })
        yield value
        at = next
      }
    },
  },
)

/** A text, such as a name. */
export const text = async (file: FileHandle, { end, start }: Range): Promise<string> =>
  (await bytesAt(file, start, end - start)).toString("utf8")
