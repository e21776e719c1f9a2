import { absent, type Measured, measured, type Metric, over, type RequestSample, type Sample } from "@rigbook/core"
import { NONE_SUCCEEDED, succeeded } from "./Succeeded.ts"

/*
 * D is the time from the first call's start to the last one's end, by the client's clock. "Documents" are
 * texts sent; a document's length decides its cost, so tokens/s is shown beside docs/s.
 * Source: ours, work over time by the client's clock; other tools leave out tokenizing, or the call itself.
 */

const embedding = { tasks: ["embed"] } as const

/** Embedding throughput: documents / D. */
export const docsPerS: Metric = {
  ...embedding,
  id: "docs_per_s",
  title: "Documents per second",
  definition: "documents / (end of the last call − start of the first)",
  unit: "docs/s",
  better: "higher",
  roles: ["headline", "compared", "speed", "throughput"],
  measure: (sample) =>
    perSecond(sample, embedded, "the number of documents is unknown, or differs from that of the vectors"),
}

/** Σ tokens after truncation / D. */
export const embedTokensPerS: Metric = {
  ...embedding,
  id: "embed_tokens_per_s",
  title: "Embedded tokens per second",
  definition: "tokens of all documents after truncation / (end of the last call − start of the first)",
  unit: "tokens/s",
  better: "higher",
  roles: ["compared"],
  measure: (sample) =>
    perSecond(
      sample,
      ({ inputTokens }) => (inputTokens === 0 ? undefined : inputTokens),
      "the engine did not report the number of tokens",
    ),
}

/** Inverse throughput: 1000 / docs_per_s. Not the time that a single document takes: see `batch_latency`. */
export const msPerDoc: Metric = {
  ...embedding,
  id: "ms_per_doc",
  title: "Milliseconds per document",
  definition: "1000 / docs_per_s",
  unit: "ms",
  better: "lower",
  measure: (sample) => {
    const value = docsPerS.measure(sample)
    return "value" in value ? over(1000, value.value) : value
  },
}

/** Time of one complete encode call, averaged over the trial's calls. */
export const batchLatency: Metric = {
  ...embedding,
  id: "batch_latency",
  title: "Latency of a call",
  definition: "end of one call − its start",
  unit: "ms",
  better: "lower",
  roles: ["compared", "wait"],
  measure: (sample) => {
    const calls = succeeded(sample)
    return calls.length === 0
      ? NONE_SUCCEEDED
      : measured(calls.reduce((sum, { endMs, sentMs }) => sum + endMs - sentMs, 0) / calls.length)
  },
}

/** Throughput by the engine's own clock: documents / Σ time of its calls, without transport. */
export const docsPerSEngine: Metric = {
  ...embedding,
  id: "docs_per_s_engine",
  title: "Documents per second, engine's clock",
  definition: "documents / the time that the engine says its calls took",
  unit: "docs/s",
  better: "higher",
  measure: (sample) => {
    const calls = succeeded(sample)
    if (calls.length === 0) return NONE_SUCCEEDED
    if (calls.some((call) => embedded(call) === undefined || call.engine?.callMs === undefined))
      return absent("the engine does not report its own times")
    const ms = calls.reduce((sum, { engine }) => sum + engine!.callMs!, 0)
    return over(1000 * calls.reduce((sum, { documents }) => sum + documents!, 0), ms)
  },
}

/** Documents of a call, if it returned a vector for each. */
const embedded = ({ documents, vectors }: RequestSample): number | undefined =>
  vectors === undefined || vectors.count === documents ? documents : undefined

const perSecond = (sample: Sample, of: (request: RequestSample) => number | undefined, reason: string): Measured => {
  const calls = succeeded(sample)
  if (calls.length === 0) return NONE_SUCCEEDED
  const counts = calls.map(of)
  if (!counts.every((count) => count !== undefined)) return absent(reason)
  const first = Math.min(...calls.map(({ sentMs }) => sentMs))
  const last = Math.max(...calls.map(({ endMs }) => endMs))
  return over(1000 * counts.reduce((sum, count) => sum + count, 0), last - first)
}
