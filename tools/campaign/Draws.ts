import { seeded } from "@rigbook/core"

/** Draws of one fault: the same for the same seed and number of the fault, on every machine. */
export interface Draws {
  /** A whole number from `from` to `to`, both included. */
  readonly int: (from: number, to: number) => number
  readonly pick: <A>(of: ReadonlyArray<A>) => A
  readonly list: <A>(from: number, to: number, make: () => A) => ReadonlyArray<A>
}

export const drawsOf = (seed: string): Draws => {
  const draw = seeded(seed)
  const int = (from: number, to: number): number => from + Math.floor(draw() * (to - from + 1))
  return {
    int,
    pick: (of) => of[int(0, of.length - 1)]!,
    list: (from, to, make) => Array.from({ length: int(from, to) }, make),
  }
}
