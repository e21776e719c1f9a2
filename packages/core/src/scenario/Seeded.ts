import { createHash } from "node:crypto"

/** Numbers from 0 to below 1, the same for the same seed on every machine. */
export type Draw = () => number

/** sfc32 (Chris Doty-Humphrey, PractRand), seeded with the SHA-256 of a text. */
export const seeded = (seed: string): Draw => {
  const hash = createHash("sha256").update(seed).digest()
  let [a, b, c, counter] = [hash.readInt32LE(0), hash.readInt32LE(4), hash.readInt32LE(8), 1]
  return () => {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + sum) | 0
    return (sum >>> 0) / 2 ** 32
  }
}

/** A draw from the standard normal distribution. Source: Box and Muller, 1958. */
export const gaussian = (draw: Draw): number => Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw())
