import { assert, describe, it } from "@effect/vitest"
import { type GgmlTypeName, ggmlTypeNamed } from "../../../src/model/GgmlType.ts"
import { halfPrecision, randomWeights } from "../../../src/models/synthetic/RandomWeights.ts"

const take = (name: GgmlTypeName, bytes: number, random = randomWeights()): Buffer =>
  Buffer.concat([...random(name, bytes)])

/** A half-precision number from its bits. */
const half = (bits: number): number => {
  const exponent = (bits >> 10) & 31
  const size = exponent === 0 ? (bits & 1023) * 2 ** -24 : (1024 + (bits & 1023)) * 2 ** (exponent - 25)
  return bits & 0x8000 ? -size : size
}

/** Where each type has its scale, and the largest number that it multiplies. */
const LARGEST: Partial<Record<GgmlTypeName, readonly [offset: number, times: number]>> = {
  Q4_0: [0, 8],
  Q5_0: [0, 16],
  Q5_1: [0, 31],
  Q8_0: [0, 128],
  Q2_K: [80, 15 * 3],
  Q3_K: [108, 32 * 4],
  Q4_K: [0, 63 * 15],
  Q5_K: [0, 63 * 31],
  Q6_K: [208, 128 * 32],
}

describe("randomWeights", () => {
  it("gives the same every time, and continues where it stopped", () => {
    const [once, again] = [take("Q4_K", 144 * 100), randomWeights()]
    assert.isTrue(once.equals(Buffer.concat([take("Q4_K", 144 * 40, again), take("Q4_K", 144 * 60, again)])))
    assert.isFalse(once.subarray(0, 144).equals(once.subarray(144, 288)))
  })

  it("gives as much as is requested, beyond its pool too", () => {
    const { blockBytes } = ggmlTypeNamed("Q8_0")
    const size = blockBytes * 70_000
    const bytes = take("Q8_0", size)
    assert.strictEqual(bytes.length, size)
    // What follows the pool's end is its start, so no block is ever cut.
    assert.isTrue(bytes.subarray(blockBytes * 65_521).equals(bytes.subarray(0, size - blockBytes * 65_521)))
  })

  for (const [name, [offset, times]] of Object.entries(LARGEST))
    it(`scales blocks of ${name} so that no weight is large`, () => {
      const { blockBytes } = ggmlTypeNamed(name as GgmlTypeName)
      const bytes = take(name as GgmlTypeName, blockBytes * 50)
      for (let block = 0; block < bytes.length; block += blockBytes) {
        const largest = half(bytes.readUInt16LE(block + offset)) * times
        assert.isAbove(largest, 0.02)
        assert.isBelow(largest, 0.12)
      }
    })

  for (const [name, read] of [
    ["F32", (bytes: Buffer) => [bytes.readFloatLE(0), bytes.readFloatLE(4)]],
    ["F16", (bytes: Buffer) => [half(bytes.readUInt16LE(0)), half(bytes.readUInt16LE(2))]],
    ["BF16", (bytes: Buffer) => [bf16(bytes.readUInt16LE(0)), bf16(bytes.readUInt16LE(2))]],
  ] as const)
    it(`gives ${name} numbers of either sign, some hundredths large`, () => {
      const bytes = take(name, 8000)
      const numbers = Array.from({ length: 1000 }, (_, index) => read(bytes.subarray(8 * index, 8 * index + 8))).flat()
      for (const number of numbers) {
        assert.isAtLeast(Math.abs(number), 2 ** -6)
        assert.isBelow(Math.abs(number), 2 ** -5)
      }
      assert.isBelow(Math.abs(numbers.reduce((sum, number) => sum + number, 0) / numbers.length), 0.003)
    })
})

const bf16 = (bits: number): number => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt16LE(bits, 2)
  return bytes.readFloatLE()
}

describe("halfPrecision", () => {
  it("rounds to the nearest number that 16 bits have, subnormal ones too", () => {
    for (const value of [0.5, 4e-3, -3.1e-2, 8e-5, 4e-5, 1.5e-5, 2 ** -14, 2 ** -24])
      assert.approximately(half(halfPrecision(value)), value, Math.max(Math.abs(value) * 2 ** -11, 2 ** -25))
    assert.strictEqual(halfPrecision(0.5), 0x3800)
  })
})
