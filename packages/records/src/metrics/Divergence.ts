import {
  absent,
  type ChunkDivergence,
  type Measured,
  measured,
  type Metric,
  type Scored,
  type Units,
} from "@rigbook/core"
import { quantile } from "../statistics/Quantile.ts"

/*
 * How far predictions are from a reference's, over the whole vocabulary, at each token in the second half of each chunk.
 * Tokens of one chunk are not independent, so intervals are resampled over chunks.
 */

const divergence = { tasks: ["generate"], under: "kld", views: ["runs", "live"] } as const

/** Mean over positions of Σ p · ln(p / q), in nats. Source: Kullback and Leibler, 1951; as llama-perplexity's "Mean KLD". */
export const kldMean: Metric = {
  ...divergence,
  ...overChunks((chunk) => meanOf(floatsOf(chunk.divergences))),
  id: "kld_mean",
  title: "KL divergence",
  definition: "mean over tokens of Σ p · ln(p / q) over the vocabulary, p of the reference and q of the model",
  unit: "nats",
  better: "lower",
  roles: ["compared"],
}

/** The 99th percentile over all positions of Σ p · ln(p / q). Source: as llama-perplexity's "99.0%   KLD". */
export const kldP99: Metric = {
  ...divergence,
  id: "kld_p99",
  title: "KL divergence, p99",
  definition: "99th percentile over tokens of Σ p · ln(p / q) over the vocabulary",
  unit: "nats",
  better: "lower",
  measure: ({ scored }) =>
    measuredOf(scored, (chunks) => quantile(Float64Array.from(chunks.flatMap(divergencesOf)).sort(), 0.99)),
}

/** Positions at which model and reference rank the same token first / all positions. Source: as llama-perplexity's "Same top p". */
export const sameTop: Metric = {
  ...divergence,
  ...overChunks(({ positions, sameTop: same }) => (100 * same) / positions),
  id: "same_top",
  title: "Same top token",
  definition: "tokens for which model and reference rank the same token first / all tokens",
  unit: "%",
  better: "higher",
}

/** √ of the mean over positions of (q − p)² of the actual next token. Source: as llama-perplexity's "RMS Δp". */
export const deltaP: Metric = {
  ...divergence,
  ...overChunks(
    ({ changes }) => meanOf(floatsOf(changes).map((change) => change ** 2)),
    (mean) => 100 * Math.sqrt(mean),
  ),
  id: "delta_p",
  title: "Change of probability",
  definition: "root mean square over tokens of the change in probability of the actual next token",
  unit: "%",
  better: "lower",
}

/** exp of the mean over positions of −ln q of the actual next token. Source: Jelinek et al., JASA 62 (1977) S63. */
export const perplexity: Metric = {
  ...divergence,
  ...overChunks(({ positions, surprise }) => (surprise ?? Number.NaN) / positions, Math.exp),
  id: "perplexity",
  title: "Perplexity",
  definition: "exp of the mean over tokens of −ln of the model's probability of the actual next token",
  unit: "score",
  better: "lower",
}

/** The same for the reference, to compare `perplexity` with. */
export const referencePerplexity: Metric = {
  ...divergence,
  ...overChunks(({ positions, referenceSurprise }) => (referenceSurprise ?? Number.NaN) / positions, Math.exp),
  id: "reference_perplexity",
  title: "Perplexity of the reference",
  definition: "exp of the mean over tokens of −ln of the reference's probability of the actual next token",
  unit: "score",
  better: "lower",
}

/** Chunks have one length, so the mean of their means is the mean over tokens. */
function overChunks(
  of: (chunk: ChunkDivergence) => number,
  outer: (mean: number) => number = (mean) => mean,
): Pick<Metric, "measure" | "units"> {
  const unitsOf = (chunks: ReadonlyArray<ChunkDivergence>): Units => {
    const values = chunks.map(of)
    return {
      count: values.length,
      figure: (times) => {
        let [sum, count] = [0, 0]
        for (const [at, value] of values.entries()) [sum, count] = [sum + times[at]! * value, count + times[at]!]
        return outer(sum / count)
      },
    }
  }
  return {
    units: (scored) => (scored.measure === "kld" ? unitsOf(scored.chunks) : undefined),
    measure: ({ scored }) =>
      measuredOf(scored, (chunks) => unitsOf(chunks).figure(new Uint32Array(chunks.length).fill(1))),
  }
}

const measuredOf = (
  scored: Scored | undefined,
  figure: (chunks: ReadonlyArray<ChunkDivergence>) => number,
): Measured => {
  if (scored?.measure !== "kld" || scored.chunks.length === 0) return absent("no chunk was compared with a reference")
  const value = figure(scored.chunks)
  return Number.isFinite(value) ? measured(value) : absent("some predictions are not numbers")
}

/** Whether all predictions of a chunk are numbers. */
export const isNumeric = ({ changes, divergences, referenceSurprise, surprise }: ChunkDivergence): boolean =>
  surprise !== null &&
  referenceSurprise !== null &&
  [changes, divergences].every((packed) => floatsOf(packed).every(Number.isFinite))

const divergencesOf = ({ divergences }: ChunkDivergence): ReadonlyArray<number> => [...floatsOf(divergences)]

/** From base64: little-endian float32. */
const floatsOf = (packed: string): Float64Array => {
  const bytes = Buffer.from(packed, "base64")
  return Float64Array.from({ length: bytes.length / 4 }, (_, at) => bytes.readFloatLE(4 * at))
}

const meanOf = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length
