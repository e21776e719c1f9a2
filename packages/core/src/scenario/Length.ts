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

/** An answer that ends by itself, after at most so many tokens. */
export const Natural = Schema.Union([Schema.Literal("natural"), Schema.Struct({ natural: Tokens })]).annotate({
  identifier: "Natural",
  description: "natural: answers end by themselves, after at most 512 tokens; { natural: 64 }: after at most 64",
})
export type Natural = typeof Natural.Type

/** The most tokens of a natural answer whose scenario names no number. */
const NATURAL_AT_MOST = 512

/** The length of an answer: exactly so many tokens, or its natural length. */
export interface OutputLength {
  readonly outputTokens: number
  readonly natural?: true
}

/** The length of the answer to one request; `draw` for one that is drawn. */
export const outputLength = (length: Length | Natural, draw: Draw = () => 0): OutputLength =>
  length === "natural"
    ? { outputTokens: NATURAL_AT_MOST, natural: true }
    : typeof length === "object" && "natural" in length
      ? { outputTokens: length.natural, natural: true }
      : { outputTokens: drawLength(length, draw) }

/** The length that is drawn on average, about. */
export const meanLength = (length: Length): number => {
  if (typeof length === "number") return length
  return length.distribution === "uniform"
    ? (length.min + length.max) / 2
    : Math.min(length.mean, length.max ?? Infinity)
}

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

/** For names: `128`, `uniform-64-512`, `normal-256-32`, `natural`, `natural-64`. */
export const lengthName = (length: Length | Natural): string =>
  typeof length !== "object"
    ? String(length)
    : "natural" in length
      ? `natural-${length.natural}`
      : length.distribution === "uniform"
        ? `uniform-${length.min}-${length.max}`
        : `${length.distribution}-${length.mean}-${length.sd}`
