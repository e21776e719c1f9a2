import type { Completion, Scored, Units } from "@rigbook/core"
import { METRICS, pairedBootstrap } from "@rigbook/records"

/** Bits that vectors are rounded to, as an index that saves memory would. */
export const BITS = [8, 4, 3, 2] as const

/** A figure with its 95 % interval. */
export interface Estimate {
  readonly estimate: number
  readonly low: number
  readonly high: number
}

/** The figure of a damaged copy beside that of the whole model, over the same queries or pairs. */
export interface Loss {
  readonly whole: number
  readonly damaged: number
  /** Damaged minus whole. */
  readonly change: Estimate & { readonly p: number }
  /** Queries or pairs, or the texts that all pairs are of. */
  readonly count: number
}

/** The vectors, each rounded to steps of its largest value / (2^(bits − 1) − 1). Two bits leave −1, 0 and 1 of it. */
export const rounded = (completion: Completion, bits: number): Completion => {
  const { vectors } = completion
  if (vectors?.base64 === undefined) return completion
  const bytes = Buffer.from(vectors.base64, "base64")
  const values = Float32Array.from({ length: bytes.length / 4 }, (_, at) => bytes.readFloatLE(4 * at))
  const steps = 2 ** (bits - 1) - 1
  for (let start = 0; start < values.length; start += vectors.dimensions) {
    const vector = values.subarray(start, start + vectors.dimensions)
    const step = vector.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / steps
    if (step > 0) vector.set(vector.map((value) => Math.round(value / step) * step))
  }
  const base64 = Buffer.from(values.buffer).toString("base64")
  return { ...completion, vectors: { ...vectors, base64 } }
}

/** nDCG@10 of retrieval and Spearman's ρ of pairs, as records have them, query by query. */
export const lossOf = (whole: Scored, damaged: Scored): Loss => {
  const [a, b] = [unitsOf(whole), unitsOf(damaged)]
  const change = pairedBootstrap(a, b)
  if (change === undefined) throw new Error("The two are not of the same queries or pairs.")
  const once = new Uint32Array(a.count).fill(1)
  return { whole: a.figure(once), damaged: b.figure(once), change, count: a.count }
}

/** The figure of a model by itself: how much it is above nothing. */
export const figureOf = (scored: Scored): Estimate => {
  const units = unitsOf(scored)
  const figure = pairedBootstrap({ count: units.count, figure: () => 0 }, units)
  if (figure === undefined) throw new Error(`The ${scored.measure} has no figure: all cosines are the same.`)
  return figure
}

/** What the interval says of a damage. */
export const wordOf = ({ change: { high, low } }: Loss): "worse" | "better" | "inconclusive" =>
  high < 0 ? "worse" : low > 0 ? "better" : "inconclusive"

/** What intervals are drawn over: queries, pairs, or texts where pairs share them. */
const unitsOf = (scored: Scored): Units => {
  const metric = METRICS.find(({ id }) => id === (scored.measure === "sts" ? "sts_spearman" : "ndcg_10"))
  const units = metric?.units?.(scored)
  if (units === undefined) throw new Error(`The ${scored.measure} can't be computed: a vector has no direction.`)
  return units
}
