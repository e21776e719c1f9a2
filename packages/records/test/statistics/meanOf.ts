import { seeded, type Units } from "@rigbook/core"

/** The mean of values, to draw again. */
export const meanOf = (values: ReadonlyArray<number>): Units => ({
  count: values.length,
  figure: (times) => {
    // A loop without iterators: it runs a hundred million times.
    let sum = 0
    for (let at = 0; at < values.length; at++) sum += times[at]! * values[at]!
    return sum / values.length
  },
})
/** Numbers from 0 to 1. */
export const uniform = (seed: string, count: number): ReadonlyArray<number> => {
  const draw = seeded(seed)
  return Array.from({ length: count }, () => draw())
}
