import { absent, type Measured, measured, type Metric, over, type RequestSample, type Sample } from "@rigbook/core"
import { quantile } from "../statistics/Quantile.ts"
import {
  endToEnd,
  NOT_SUPPORTED,
  perSecond,
  promptTime,
  sortedGaps,
  timePerToken,
  timeToFirst,
  timeToFirstOutput,
  whyNoTimePerToken,
} from "./RequestTimes.ts"
import { NONE_SUCCEEDED, succeeded } from "./Succeeded.ts"
import { accountOf, countedTokens } from "./TokenAccount.ts"

/*
 * Formulas: t(x) is a time on one monotonic clock of the client. In an open loop, a request counts as sent when it was
 * due: waiting here is part of its latency. Only requests that succeeded count. A trial's value is the median of its
 * requests for times, and total work over total time for rates that Σ stands in. Sources: vLLM benchmarks/serve.py,
 * AIPerf metrics/types, MLPerf inference rules.
 */

const generation = { tasks: ["generate"] } as const

/**
 * Time to first token: t(first chunk with a token) − t(request sent). A chunk of several tokens arrives with its last.
 */
export const ttft: Metric = {
  ...generation,
  id: "ttft",
  title: "Time to first token",
  label: "TTFT",
  definition: "time of the first chunk with a token − time the request was sent",
  unit: "ms",
  better: "lower",
  roles: ["headline", "compared", "wait"],
  measure: (sample) => medianOverRequests(sample, timeToFirst),
}

/** Time to first output token: t(first chunk of the answer itself, after any reasoning) − t(request sent). */
export const ttfo: Metric = {
  ...generation,
  id: "ttfo",
  title: "Time to first output token",
  definition: "time of the first chunk with a token that is no reasoning − time the request was sent",
  unit: "ms",
  better: "lower",
  roles: ["compared"],
  measure: (sample) => medianOverRequests(sample, timeToFirstOutput),
}

/**
 * End-to-end latency: t(last chunk with a token) − t(request sent). Usage-only and closing chunks don't count. Absent
 * where tokens are counted that may have arrived after it.
 */
export const e2e: Metric = {
  ...generation,
  id: "e2e",
  title: "End-to-end latency",
  definition: "time of the last chunk with a token − time the request was sent",
  unit: "ms",
  better: "lower",
  roles: ["compared"],
  ofLength: true,
  measure: (sample) => medianOverRequests(sample, endToEnd, () => NOT_SUPPORTED),
}

/**
 * Time per output token: (e2e − ttft) / (n_out − n_first), n_first being the tokens of the first chunk, and of those
 * that came together with it. Equals vLLM's TPOT and AIPerf's inter-token latency where that is one; GuideLLM's TPOT
 * differs, it contains the TTFT. Absent where the engine counts other tokens than chunks carried: see TokenAccount.
 */
export const tpot: Metric = {
  ...generation,
  id: "tpot",
  title: "Time per output token",
  label: "TPOT",
  definition: "(e2e − ttft) / (output tokens − tokens of the first chunk)",
  unit: "ms",
  better: "lower",
  roles: ["headline", "compared"],
  measure: (sample) => medianOverRequests(sample, timePerToken, whyNoTimePerToken),
}

/**
 * Inter-chunk latency: gaps between consecutive chunks, pooled over the trial's requests; vLLM calls it ITL. For chunks
 * with several tokens it is not a time between tokens.
 */
export const icl: Metric = {
  ...generation,
  id: "icl",
  title: "Inter-chunk latency",
  definition: "time between two consecutive chunks of a request",
  unit: "ms",
  better: "lower",
  measure: (sample) => medianOf(sortedGaps(sample)),
}

/** Decode speed for one user: 1000 / TPOT. */
export const decodeTpsUser: Metric = {
  ...generation,
  id: "decode_tps_user",
  title: "Decode speed",
  label: "decode",
  definition: "1000 / tpot: how fast one stream is written",
  unit: "tokens/s",
  better: "higher",
  roles: ["speed"],
  measure: (sample) => {
    const value = tpot.measure(sample)
    return "value" in value ? over(1000, value.value) : value
  },
}

/**
 * Prefill speed: Σ prompt tokens not found in a cache / Σ TTFT. Contains transport and queueing. Absent if more than
 * one token was generated until the first chunk.
 */
export const prefillTps: Metric = {
  ...generation,
  id: "prefill_tps",
  title: "Prefill speed",
  label: "prefill",
  definition: "prompt tokens that were computed / ttft",
  unit: "tokens/s",
  better: "higher",
  roles: ["compared"],
  measure: (sample) => {
    const requests = succeeded(sample)
    if (requests.some(({ cachedTokens = 0, inputTokens = Infinity }) => cachedTokens > inputTokens))
      return absent("the engine counts more prompt tokens from a cache than the prompt has")
    if (requests.some((request) => timeToFirst(request) !== undefined && promptTime(request) === undefined))
      return absent("the first chunk may have arrived with more than the first token")
    return rate(
      requests.map((request) => ({
        work: request.inputTokens === undefined ? undefined : request.inputTokens - (request.cachedTokens ?? 0),
        ms: promptTime(request),
      })),
      "the engine did not report the number of prompt tokens",
    )
  },
}

/** Output throughput: Σ n_out / D, D from the first request's start to the last response's end. */
export const outputTps: Metric = {
  ...generation,
  id: "output_tps",
  title: "Output throughput",
  label: "output",
  definition: "output tokens of all requests / (end of the last request − start of the first)",
  unit: "tokens/s",
  better: "higher",
  roles: ["compared", "throughput"],
  ofLength: true,
  measure: (sample) => perSecond(sample, countedTokens, whyNotCounted(sample)),
}

/** Decode speed by the engine's own clock: Σ decoded tokens / Σ decode time, without the first token. */
export const decodeTpsEngine: Metric = {
  ...generation,
  id: "decode_tps_engine",
  title: "Decode speed, engine's clock",
  definition: "tokens after the first / the time that the engine says it decoded",
  unit: "tokens/s",
  better: "higher",
  measure: (sample) =>
    rate(
      succeeded(sample).map(({ engine }) => ({ work: engine?.decodeTokens, ms: engine?.decodeMs })),
      "the engine does not report its own times",
    ),
}

/** Prefill speed by the engine's own clock: Σ computed prompt tokens / Σ prompt time. */
export const prefillTpsEngine: Metric = {
  ...generation,
  id: "prefill_tps_engine",
  title: "Prefill speed, engine's clock",
  definition: "prompt tokens that were computed / the time that the engine says the prompt took",
  unit: "tokens/s",
  better: "higher",
  measure: (sample) =>
    rate(
      succeeded(sample).map(({ engine }) => ({ work: engine?.promptTokens, ms: engine?.promptMs })),
      "the engine does not report its own times",
    ),
}

/** Why a figure based on output tokens is absent. */
export const whyNotCounted = (sample: Sample): string =>
  succeeded(sample).some((request) => accountOf(request).counted !== undefined && countedTokens(request) === undefined)
    ? NOT_SUPPORTED
    : "the engine did not report the number of output tokens"

const medianOverRequests = (
  sample: Sample,
  of: (request: RequestSample) => number | undefined,
  why: (request: RequestSample) => string = () => "a request generated too few tokens",
): Measured => {
  const requests = succeeded(sample)
  if (requests.length === 0) return NONE_SUCCEEDED
  const values = requests.map(of)
  const missing = values.indexOf(undefined)
  return missing === -1
    ? medianOf(Float64Array.from(values as ReadonlyArray<number>).sort())
    : absent(requests[missing]!.chunkMs.length === 0 ? "a request generated no text" : why(requests[missing]!))
}

const medianOf = (sorted: Float64Array): Measured =>
  sorted.length === 0 ? absent("no request received more than one chunk") : measured(quantile(sorted, 0.5))

const rate = (
  parts: ReadonlyArray<{ readonly work: number | undefined; readonly ms: number | undefined }>,
  reason: string,
): Measured => {
  if (parts.length === 0) return NONE_SUCCEEDED
  if (parts.some(({ ms, work }) => ms === undefined || work === undefined)) return absent(reason)
  const ms = total(parts.map((part) => part.ms))
  return over(1000 * total(parts.map(({ work }) => work)), ms)
}

const total = (values: ReadonlyArray<number | undefined>): number =>
  values.reduce<number>((sum, value) => sum + (value ?? 0), 0)
