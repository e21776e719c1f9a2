import { absent, type Measured, over, type RequestSample, type Sample } from "@rigbook/core"
import { NONE_SUCCEEDED, succeeded } from "./Succeeded.ts"
import { ACCOUNT_TOLERANCE, accountOf, isUnaccounted } from "./TokenAccount.ts"

/* The times of one request that metrics are made of, in milliseconds; `undefined` where there is none. */

/**
 * When a request's latency begins: when it was due in an open loop, however late it was sent, else when it was sent.
 * A retried request begins with its last attempt: the wait before is counted separately.
 */
const startOf = ({ retries = 0, scheduledMs, sentMs }: RequestSample): number =>
  retries > 0 ? sentMs : (scheduledMs ?? sentMs)

export const timeToFirst = (request: RequestSample): number | undefined => timeToChunk(request, 0)

export const timeToFirstOutput = (request: RequestSample): number | undefined =>
  timeToChunk(request, request.reasoningChunks ?? 0)

/** Until the last chunk; `undefined` too where tokens are counted that may have arrived after it. */
export const endToEnd = (request: RequestSample): number | undefined => {
  const whole = timeToChunk(request, request.chunkMs.length - 1)
  if (whole === undefined || !isUnaccounted(accountOf(request))) return whole
  const silent = request.endMs - request.chunkMs.at(-1)!
  return silent > ACCOUNT_TOLERANCE * whole ? undefined : whole
}

const timeToChunk = (request: RequestSample, index: number): number | undefined => {
  const at = request.chunkMs[index]
  return at === undefined ? undefined : at - startOf(request)
}

/** Milliseconds per token after the first arrival; `undefined` where the account of tokens does not support it. */
export const timePerToken = (request: RequestSample): number | undefined => {
  const { chunkMs } = request
  const { after = 0 } = accountOf(request)
  return chunkMs.length < 2 || after <= 0 ? undefined : (chunkMs.at(-1)! - chunkMs[0]!) / after
}

/** Why a request has no time per token. */
export const whyNoTimePerToken = (request: RequestSample): string => {
  if (isUnsure(request, "tpot")) return NOT_SUPPORTED
  const account = accountOf(request)
  return account.chunks > 1 && account.after === 0 && account.first > 1
    ? "it took no measurable time"
    : "a request generated too few tokens, or the engine did not report how many"
}

/** Whether chunks arrived whose token counts don't determine how long a token took, or when the last one arrived. */
export const isUnsure = (request: RequestSample, what: "tpot" | "e2e"): boolean => {
  const { after, chunks, counted } = accountOf(request)
  if (chunks === 0) return false
  return what === "e2e" ? endToEnd(request) === undefined : counted !== undefined && after === undefined
}

export const NOT_SUPPORTED = "the engine's token count differs from the tokens in its chunks"

/** Share of the time to the first token that tokens directly after it may take. */
const MANY_AT_FIRST = 0.05

/** The time in which a prompt was processed; `undefined` if more than one token was generated in it. */
export const promptTime = (request: RequestSample): number | undefined => {
  const time = timeToFirst(request)
  const account = accountOf(request)
  if (time === undefined || isUnaccounted(account)) return undefined
  if (account.first <= 1 || time <= 0) return time
  return (account.first - 1) * (timePerToken(request) ?? Infinity) > MANY_AT_FIRST * time ? undefined : time
}

const gapsOf = new WeakMap<Sample, Float64Array>()

/**
 * Times between consecutive chunks of all requests that succeeded, in ascending order. For a million tokens they are
 * 8 MB, used by several metrics: they are cached for as long as the sample exists.
 */
export const sortedGaps = (sample: Sample): Float64Array => {
  const kept = gapsOf.get(sample)
  if (kept !== undefined) return kept
  const requests = succeeded(sample)
  const all = new Float64Array(requests.reduce((sum, { chunkMs }) => sum + Math.max(0, chunkMs.length - 1), 0))
  let count = 0
  for (const { chunkMs } of requests)
    for (let index = 1; index < chunkMs.length; index++) all[count++] = chunkMs[index]! - chunkMs[index - 1]!
  gapsOf.set(sample, all.sort())
  return all
}

/** Work of the requests that succeeded / D, D from the first request's start to the last response's end. */
export const perSecond = (
  sample: Sample,
  work: (request: RequestSample) => number | undefined,
  reason: string,
): Measured => {
  const requests = succeeded(sample)
  if (requests.length === 0) return NONE_SUCCEEDED
  let sum = 0
  let first = Infinity
  let last = -Infinity
  for (const request of requests) {
    const done = work(request)
    if (done === undefined) return absent(reason)
    sum += done
    // A wait before a request is sent again is time with less work.
    first = Math.min(first, startOf(request) - (request.waitedMs ?? 0))
    last = Math.max(last, request.endMs)
  }
  return over(1000 * sum, last - first)
}
