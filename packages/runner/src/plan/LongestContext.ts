import { absent, type Measured, measured } from "@rigbook/core"

const STEP = 256

/**
 * The longest context, in tokens and to the next lower multiple of 256, for which `fits` holds; no longer than the
 * model was trained for. Assumes that what fits also fits with a shorter context.
 */
export const longestContext = (trained: number | undefined, fits: (tokens: number) => boolean): Measured => {
  if (trained === undefined) return absent("the model's files don't state a context length")
  if (fits(trained)) return measured(trained)
  let low = 0
  let high = Math.ceil(trained / STEP)
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (fits(middle * STEP)) low = middle
    else high = middle
  }
  return low === 0 ? absent("not even 256 tokens fit") : measured(low * STEP)
}
