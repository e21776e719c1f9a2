import { Schema } from "effect"
import { Tokens } from "./Amounts.ts"
import { type Draw, gaussian } from "./Seeded.ts"

const Positive = Schema.Finite.check(Schema.isGreaterThan(0))

/** Bounds of a drawn length. */
const limits = { min: Schema.optionalKey(Tokens), max: Schema.optionalKey(Tokens) }

/** A number of tokens: the same for all requests, or drawn for each from the scenario's seed. */
export const Length = Schema.Union([
  Tokens,
  /** Every length from `min` to `max` with equal probability. */
  Schema.Struct({ distribution: Schema.Literal("uniform"), min: Tokens, max: Tokens }),
  Schema.Struct({ distribution: Schema.Literal("normal"), mean: Positive, sd: Positive, ...limits }),
  /** `mean` and `sd` are those of the lengths, not of their logarithms. */
  Schema.Struct({ distribution: Schema.Literal("lognormal"), mean: Positive, sd: Positive, ...limits }),
]).annotate({ identifier: "Length" })
export type Length = typeof Length.Type

/** One length, an integer of at least 1. */
export const drawLength = (length: Length, draw: Draw): number => {
  if (typeof length === "number") return length
  if (length.distribution === "uniform")
    return length.min + Math.floor(draw() * Math.max(1, length.max - length.min + 1))
  const { max = Infinity, min = 1 } = length
  return Math.min(max, Math.max(min, 1, Math.round(drawReal(length, draw))))
}

const drawReal = ({ distribution, mean, sd }: Exclude<Length, number | { distribution: "uniform" }>, draw: Draw) => {
  if (distribution === "normal") return mean + sd * gaussian(draw)
  const variance = Math.log(1 + (sd / mean) ** 2) // of the logarithm
  return mean * Math.exp(Math.sqrt(variance) * gaussian(draw) - variance / 2)
}

/** For names: `128`, `uniform-64-512`, `normal-256-32`. */
export const lengthName = (length: Length): string =>
  typeof length === "number"
    ? String(length)
    : length.distribution === "uniform"
      ? `uniform-${length.min}-${length.max}`
      : `${length.distribution}-${length.mean}-${length.sd}`
