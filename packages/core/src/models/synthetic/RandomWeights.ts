import { createCipheriv } from "node:crypto"
import { type GgmlTypeName, ggmlTypeNamed } from "../../model/GgmlType.ts"

/** Bits of half-precision numbers that blocks of quantized weights are scaled by, and where in a block they are. */
type Scales = ReadonlyArray<readonly [offset: number, value: number]>

/**
 * All other bits of a block can be random: with these scales its weights are around 0 and some hundredths
 * large, as trained ones are, so that no sum overflows. Source of the blocks: `ggml/src/ggml-common.h` in llama.cpp.
 */
const SCALES: Partial<Record<GgmlTypeName, Scales>> = {
  Q4_0: [[0, 4e-3]],
  Q5_0: [[0, 2e-3]],
  Q5_1: [
    [0, 2e-3],
    [2, -3.1e-2],
  ],
  Q8_0: [[0, 3e-4]],
  Q2_K: [
    [80, 2e-3],
    [82, 3e-3],
  ],
  Q3_K: [[108, 5e-4]],
  Q4_K: [
    [0, 8e-5],
    [2, 6e-4],
  ],
  Q5_K: [
    [0, 4e-5],
    [2, 6.2e-4],
  ],
  Q6_K: [[208, 1.5e-5]],
}

/** Bits that are random in a float (sign and mantissa), and the exponent of 2^-6 for all of them. */
const FLOATS: Partial<Record<GgmlTypeName, { readonly random: number; readonly exponent: number }>> = {
  F32: { random: 0x807f_ffff, exponent: 0x3c80_0000 },
  F16: { random: 0x83ff, exponent: 0x2400 },
  BF16: { random: 0x807f, exponent: 0x3c80 },
}

/** Numbers of blocks in a pool, both prime: consecutive rows are then cut differently from it. */
const MANY = 1_048_573
const SOME = 65_521

/**
 * Gives random weights, the same at every call. They are cut repeatedly from a pool of some megabytes: no
 * engine is faster or slower for that, and a file of any size is written at the disk's speed.
 */
export const randomWeights = () => {
  const pools = new Map<GgmlTypeName, { readonly bytes: Buffer; at: number }>()
  return function* (name: GgmlTypeName, bytes: number): Generator<Buffer> {
    const pool = pools.get(name) ?? { bytes: randomPool(name), at: 0 }
    pools.set(name, pool)
    for (let left = bytes; left > 0;) {
      const slice = pool.bytes.subarray(pool.at, pool.at + left)
      pool.at = (pool.at + slice.length) % pool.bytes.length
      left -= slice.length
      yield slice
    }
  }
}

const randomPool = (name: GgmlTypeName): Buffer => {
  const { blockBytes } = ggmlTypeNamed(name)
  const float = FLOATS[name]
  const pool = randomBytes(blockBytes * (float === undefined ? SOME : MANY), name)
  for (let block = 0; block < pool.length; block += blockBytes) {
    if (float !== undefined && blockBytes === 4)
      pool.writeUInt32LE(((pool.readUInt32LE(block) & float.random) | float.exponent) >>> 0, block)
    else if (float !== undefined) pool.writeUInt16LE((pool.readUInt16LE(block) & float.random) | float.exponent, block)
    for (const [offset, value] of SCALES[name] ?? []) pool.writeUInt16LE(halfPrecision(value), block + offset)
  }
  return pool
}

/** Bytes derived from a name: the key stream of AES in counter mode. */
const randomBytes = (size: number, name: string): Buffer => {
  const cipher = createCipheriv("aes-128-ctr", name.padEnd(16, "."), Buffer.alloc(16))
  return cipher.update(Buffer.alloc(size))
}

/** Bits of the half-precision number nearest to `value`, which has to be smaller than 1. */
export const halfPrecision = (value: number): number => {
  const size = Math.abs(value)
  const sign = value < 0 ? 0x8000 : 0
  const exponent = Math.max(Math.floor(Math.log2(size)), -14)
  // A carry out of the mantissa raises the exponent by itself.
  const mantissa = Math.round((size / 2 ** exponent) * 1024)
  return sign | (mantissa < 1024 ? mantissa : ((exponent + 14) << 10) + mantissa)
}
