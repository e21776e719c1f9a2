/** Numbers between 0 and 1 from a seed (mulberry32). */
const uniform = (seed: number) => (): number => {
  seed = (seed + 0x6d2b79f5) | 0
  let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
}

/** Gives the next number. */
export type Draw = () => number

/** Standard normal numbers (Box and Muller). */
export const normal = (seed: number): Draw => {
  const random = uniform(seed)
  return () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

/** So many draws. */
export const trials = (n: number, draw: Draw): ReadonlyArray<number> => Array.from({ length: n }, draw)
/** In which share of repetitions something holds. */
export const share = (repetitions: number, holds: () => boolean): number =>
  Array.from({ length: repetitions }, holds).filter(Boolean).length / repetitions
/** Prints a share, and gives it back. */
export const reported = (what: string, found: number): number => {
  console.log(`${what.padEnd(64)} ${(100 * found).toFixed(1)} %`)
  return found
}
