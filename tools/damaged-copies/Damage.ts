import type { Completion, Dataset, Scored, Units } from "@rigbook/core"
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
  readonly whole: Estimate
  readonly damaged: number
  /** Damaged minus whole. */
  readonly change: Estimate & { readonly p: number }
  /** Queries or pairs. */
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

/**
 * nDCG@10 of retrieval and Spearman's ρ of pairs, as records have them, query by query. Intervals are drawn over queries or
 * pairs; over texts where each is paired with every other one, because such pairs are not independent.
 */
export const lossOf = (dataset: Dataset, whole: Scored, damaged: Scored): Loss => {
  const metric = METRICS.find(({ id }) => id === (whole.measure === "sts" ? "sts_spearman" : "ndcg_10"))
  const unitsOf = (scored: Scored): Units => {
    const units = metric?.units?.(scored)
    if (units === undefined) throw new Error(`The ${whole.measure} can't be computed: a vector has no direction.`)
    return dataset.measure === "sts" ? drawnByText(dataset.pairs, units) : units
  }
  const [a, b] = [unitsOf(whole), unitsOf(damaged)]
  const nothing: Units = { count: a.count, figure: () => 0 }
  const [figure, change] = [pairedBootstrap(nothing, a), pairedBootstrap(a, b)]
  if (figure === undefined || change === undefined) throw new Error("The two are not of the same queries or pairs.")
  return { whole: figure, damaged: b.figure(new Uint32Array(b.count).fill(1)), change, count: a.count }
}

/** What the interval says of a damage. */
export const wordOf = ({ change: { high, low } }: Loss): "worse" | "better" | "inconclusive" =>
  high < 0 ? "worse" : low > 0 ? "better" : "inconclusive"

/** Texts to draw, and each pair as often as the product of its two texts. The units as they are where some pairs are absent. */
const drawnByText = (pairs: ReadonlyArray<readonly [string, string]>, units: Units): Units => {
  const texts = [...new Set(pairs.flat())]
  const places = new Map(texts.map((text, place) => [text, place]))
  const both = pairs.map(([a, b]) => [places.get(a)!, places.get(b)!] as const)
  return pairs.length === (texts.length * (texts.length - 1)) / 2
    ? {
        count: texts.length,
        figure: (times) => units.figure(Uint32Array.from(both, ([a, b]) => times[a]! * times[b]!)),
      }
    : units
}
