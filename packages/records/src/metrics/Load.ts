import { absent, type Measured, measured, type Metric, type RequestSample, type Sample, type Slo } from "@rigbook/core"
import { endToEnd, isUnsure, NOT_SUPPORTED, perSecond, timePerToken, timeToFirst } from "./RequestTimes.ts"
import { NONE_SUCCEEDED, succeeded } from "./Succeeded.ts"
import { countedTokens } from "./TokenAccount.ts"

/*
 * Figures of a load. D is the time from the first request's start to the last response's end, of those that
 * succeeded. Sources: vLLM benchmarks/serve.py (`--goodput`), AIPerf metrics/types.
 */

const load = { tasks: ["generate"], under: "load" } as const

/** Prompt and output tokens: Σ (n_in + n_out) / D. Not to be compared with `output_tps`. */
export const totalTps: Metric = {
  ...load,
  id: "total_tps",
  title: "Total throughput",
  definition: "prompt and output tokens of all requests / (end of the last request − start of the first)",
  unit: "tokens/s",
  better: "higher",
  roles: ["compared"],
  ofLength: true,
  measure: (sample) =>
    perSecond(
      sample,
      (request) => {
        const output = countedTokens(request)
        return request.inputTokens === undefined || output === undefined ? undefined : request.inputTokens + output
      },
      "the engine did not report its token counts, or they differ from the tokens in its chunks",
    ),
}

/** Requests that succeeded / D. */
export const reqPerS: Metric = {
  ...load,
  id: "req_per_s",
  title: "Request throughput",
  definition: "requests that succeeded / (end of the last request − start of the first)",
  unit: "requests/s",
  better: "higher",
  roles: ["compared"],
  ofLength: true,
  measure: (sample) => perSecond(sample, () => 1, ""),
}

/** Requests that met every objective / D. */
export const goodput: Metric = {
  ...load,
  id: "goodput",
  title: "Goodput",
  label: "goodput",
  definition: "requests that met all objectives of the scenario / (end of the last request − start of the first)",
  unit: "requests/s",
  better: "higher",
  roles: ["compared"],
  ofLength: true,
  measure: (sample) => judged(sample, (slo) => perSecond(sample, (request) => Number(isGood(request, slo)), "")),
}

/** Requests that met every objective / all requests: those that failed met none. */
export const goodShare: Metric = {
  ...load,
  id: "good_share",
  title: "Share of good requests",
  label: "good requests",
  definition: "requests that met all objectives of the scenario / all requests, failed ones too",
  unit: "%",
  better: "higher",
  roles: ["compared"],
  // Not in VIEWS: a column of its own only where a scenario has objectives.
  views: ["loads"],
  ofLength: true,
  measure: (sample) =>
    judged(sample, (slo) => {
      const good = succeeded(sample).filter((request) => isGood(request, slo))
      return good.length === 0 && succeeded(sample).length === 0
        ? NONE_SUCCEEDED
        : measured((100 * good.length) / sample.requests.length)
    }),
}

/** The longest time by which a request was sent after it was due: the delay of this client. */
export const sendLag: Metric = {
  ...load,
  id: "send_lag",
  title: "Largest send lag",
  definition: "largest (time a request was sent − time it was due), in an open loop",
  unit: "ms",
  better: "lower",
  roles: ["compared"],
  measure: (sample) => {
    const lags = succeeded(sample).flatMap(({ scheduledMs, sentMs, waitedMs = 0 }) =>
      scheduledMs === undefined ? [] : [sentMs - waitedMs - scheduledMs],
    )
    return lags.length === 0
      ? absent("requests were not sent by a schedule")
      : measured(lags.reduce((a, b) => Math.max(a, b)))
  },
}

const judged = (sample: Sample, of: (slo: Slo) => Measured): Measured => {
  const { slo } = sample
  if (slo === undefined) return absent("the scenario has no objectives (slo)")
  const unsure = (["tpot", "e2e"] as const).some(
    (what) => slo[what] !== undefined && succeeded(sample).some((request) => isUnsure(request, what)),
  )
  return unsure ? absent(NOT_SUPPORTED) : of(slo)
}

/** An answer of one token has no time per token, so it meets an objective for that. */
const isGood = (request: RequestSample, slo: Slo): boolean =>
  (timeToFirst(request) ?? Infinity) <= (slo.ttft ?? Infinity) &&
  (timePerToken(request) ?? 0) <= (slo.tpot ?? Infinity) &&
  (endToEnd(request) ?? Infinity) <= (slo.e2e ?? Infinity)
