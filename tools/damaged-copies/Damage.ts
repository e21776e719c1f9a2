import type { Completion, Scored } from "@rigbook/core"
import { METRICS, pairedBootstrap } from "@rigbook/records"

/** Bits that vectors are rounded to, as an index that saves memory would. */
export const BITS = [8, 4, 3, 2] as const

/** The figure of a damaged copy beside that of the whole model, over the same queries or pairs. */
export interface Loss {
  readonly whole: number
  readonly damaged: number
  /** Damaged minus whole, with its 95 % interval. */
  readonly change: { readonly estimate: number; readonly low: number; readonly high: number; readonly p: number }
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

/** nDCG@10 of retrieval and Spearman's ρ of pairs, as records have them, query by query. */
export const lossOf = (whole: Scored, damaged: Scored): Loss => {
  const metric = METRICS.find(({ id }) => id === (whole.measure === "sts" ? "sts_spearman" : "ndcg_10"))
  const [a, b] = [whole, damaged].map((scored) => metric?.units?.(scored))
  const change = a === undefined || b === undefined ? undefined : pairedBootstrap(a, b)
  if (a === undefined || b === undefined || change === undefined)
    throw new Error(`The ${whole.measure} of the two can't be compared: vectors are missing or have no direction.`)
  const once = new Uint32Array(a.count).fill(1)
  return { whole: a.figure(once), damaged: b.figure(once), change, count: a.count }
}

/** What the interval says of a damage. */
export const wordOf = ({ change: { high, low } }: Loss): "worse" | "better" | "can't tell" =>
  high < 0 ? "worse" : low > 0 ? "better" : "can't tell"
