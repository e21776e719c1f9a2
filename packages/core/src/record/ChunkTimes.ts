import { Schema, SchemaTransformation } from "effect"
import { Buffer } from "node:buffer"

const Times = Schema.declare<ReadonlyArray<number>>(
  (value): value is ReadonlyArray<number> => Array.isArray(value) && value.every(Number.isFinite),
  { identifier: "ChunkTimes" },
)

/**
 * Milliseconds at which chunks arrived. In a file they are packed into a text of about three bytes a chunk, where
 * they are integer microseconds; lists of plain numbers are read and kept too.
 *
 * Packed: the second differences of the times in microseconds (the first time itself, then the first gap, then by
 * how much each gap is longer than the one before), each as a zigzag varint as in Protocol Buffers, in base64.
 */
export const ChunkTimes = Schema.Union([Schema.String, Schema.Array(Schema.Finite)]).pipe(
  Schema.decodeTo(
    Times,
    SchemaTransformation.transform({
      decode: (stored) => (typeof stored === "string" ? unpackTimes(stored) : stored),
      encode: (times) => packTimes(times) ?? times,
    }),
  ),
)

/** `undefined` for times that are not integer microseconds, or that are too few to benefit. */
export const packTimes = (times: ReadonlyArray<number>): string | undefined => {
  if (times.length === 0) return undefined
  let bytes = Buffer.allocUnsafe(times.length * 3 + 16)
  let length = 0
  let before = 0
  let gap = 0
  for (const [index, time] of times.entries()) {
    const micros = Math.round(time * 1e3)
    if (micros / 1e3 !== time || !Number.isSafeInteger(micros * 4)) return undefined
    const change = micros - before - gap
    gap = index === 0 ? 0 : micros - before
    before = micros
    if (length + 10 > bytes.length) bytes = Buffer.concat([bytes, Buffer.allocUnsafe(bytes.length)])
    let rest = change < 0 ? -2 * change - 1 : 2 * change
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes[length++] = (rest % 0x80) | 0x80
    bytes[length++] = rest
  }
  return bytes.toString("base64", 0, length)
}

export const unpackTimes = (packed: string): ReadonlyArray<number> => {
  const bytes = Buffer.from(packed, "base64")
  let count = 0
  for (const byte of bytes) if (byte < 0x80) count++
  const times = Array.from<number>({ length: count }) // exact length, since it is kept
  count = 0
  let value = 0
  let scale = 1
  let gap = 0
  let micros = 0
  for (const byte of bytes) {
    value += (byte & 0x7f) * scale
    scale *= 0x80
    if (byte >= 0x80) continue
    const change = value % 2 === 1 ? -(value + 1) / 2 : value / 2
    micros += gap + change
    gap = count === 0 ? 0 : gap + change
    times[count++] = micros / 1e3
    value = 0
    scale = 1
  }
  return times
}
