import { absent, type Measured, over, type RequestSample, type Sample } from "@rigbook/core"
import { NONE_SUCCEEDED, succeeded } from "./Succeeded.ts"

/* The times of one request that metrics are made of, in milliseconds; `undefined` where there is none. */

/**
 * When a request's latency begins: when it was due in an open loop, however late it was sent, else when it was sent.
 * One that was sent again begins when it was sent last: the wait before is counted apart.
 */
const startOf = ({ retries = 0, scheduledMs, sentMs }: RequestSample): number =>
  retries > 0 ? sentMs : (scheduledMs ?? sentMs)

export const timeToFirst = (request: RequestSample): number | undefined => timeToChunk(request, 0)

export const timeToFirstOutput = (request: RequestSample): number | undefined =>
  timeToChunk(request, request.reasoningChunks ?? 0)

export const endToEnd = (request: RequestSample): number | undefined => timeToChunk(request, request.chunkMs.length - 1)

const timeToChunk = (request: RequestSample, index: number): number | undefined => {
  const at = request.chunkMs[index]
  return at === undefined ? undefined : at - startOf(request)
}

/** Milliseconds per token after the first chunk; `undefined` too where the count is unknown. */
export const timePerToken = ({ chunkMs, chunkTokens, outputTokens }: RequestSample): number | undefined => {
  if (chunkMs.length < 2 || outputTokens === undefined) return undefined
  const after = outputTokens - (chunkTokens?.[0] ?? 1)
  return after > 0 ? (chunkMs.at(-1)! - chunkMs[0]!) / after : undefined
}

const gapsOf = new WeakMap<Sample, Float64Array>()

/**
 * Times between consecutive chunks of all requests that succeeded, in ascending order. Of a million tokens they are
 * 8 MB, of which several metrics are made: they are kept for as long as the sample is.
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
    // A wait before a request is sent again is time in which less work was done.
    first = Math.min(first, startOf(request) - (request.waitedMs ?? 0))
    last = Math.max(last, request.endMs)
  }
  return over(1000 * sum, last - first)
}
