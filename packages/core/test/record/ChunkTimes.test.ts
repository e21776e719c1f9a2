import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { ChunkTimes, packTimes, unpackTimes } from "../../src/record/ChunkTimes.ts"

const encode = Schema.encodeSync(ChunkTimes)
const decode = Schema.decodeUnknownSync(ChunkTimes)
const Micros = Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: -1e9, maximum: 1e12 })))

describe("times of chunks", () => {
  it.prop("are packed and read back to the digit", { micros: Micros }, ({ micros }) => {
    const times = micros.map((at) => at / 1e3)
    assert.deepStrictEqual(decode(encode(times)), times)
    if (times.length > 0) assert.isString(encode(times))
  })

  it("are kept as they are when they are no whole microseconds", () => {
    for (const times of [[], [1 / 3], [1, 0.1 + 0.2], [1e300]]) {
      assert.strictEqual(packTimes(times), undefined)
      assert.deepStrictEqual(encode(times), times)
      assert.deepStrictEqual(decode(times), times)
    }
    for (const wrong of [["1"], [Number.NaN], 3, undefined]) assert.throws(() => decode(wrong))
  })

  it("are what the documentation says: zigzag varints of the first time, the first gap and the changes of gaps", () => {
    // 1 ms, then gaps of 2, 3 and 2.5 ms: 1000, 2000, +1000, −500 µs.
    const packed = packTimes([1, 3, 6, 8.5])!
    assert.deepStrictEqual([...Buffer.from(packed, "base64")], [0xd0, 0x0f, 0xa0, 0x1f, 0xd0, 0x0f, 0xe7, 0x07])
    assert.deepStrictEqual(unpackTimes(packed), [1, 3, 6, 8.5])
  })

  it("take less than three bytes a chunk when gaps are alike", () => {
    const times = Array.from({ length: 10_000 }, (_, index) => (index * 20_000 + ((index * 7919) % 4000)) / 1e3)
    assert.isBelow(packTimes(times)!.length / times.length, 3)
  })
})
