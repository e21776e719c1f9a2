import { absent, type Measured, measured } from "../Measured.ts"
import type { Metric } from "../Metric.ts"
import type { Sample } from "../run/Sample.ts"
import { quantile } from "../statistics/Summary.ts"
import { endToEnd, gaps, timePerToken, timeToFirst } from "./RequestTimes.ts"
import { NONE_SUCCEEDED, succeeded } from "./Succeeded.ts"

/**
 * Values that a percentile needs, lest it be no more than the largest of them: with n values the largest lies above
 * the quantile q in 95 of 100 samples when 1 − qⁿ ≥ 0.95. Quantiles are by linear interpolation, NumPy's default.
 */
const NEEDED = { 95: 59, 99: 299 } as const

const all =
  (of: (request: Sample["requests"][number]) => number | undefined) =>
  (sample: Sample): ReadonlyArray<number> =>
    succeeded(sample).flatMap((request) => of(request) ?? [])

const TIMES = [
  { id: "ttft", title: "Time to first token", values: all(timeToFirst) },
  { id: "tpot", title: "Time per output token", values: all(timePerToken) },
  { id: "icl", title: "Inter-chunk latency", values: gaps },
  { id: "e2e", title: "End-to-end latency", values: all(endToEnd) },
] as const

/** `ttft_p95`, `ttft_p99` and so on: of a trial's requests, those of `icl` of all their gaps. */
export const PERCENTILES: ReadonlyArray<Metric> = TIMES.flatMap(({ id, title, values }) =>
  ([95, 99] as const).map((percent) => ({
    id: `${id}_p${percent}`,
    title: `${title}, p${percent}`,
    definition: `${percent} of 100 ${id === "icl" ? "gaps" : "requests"} of a trial had a ${id} below it`,
    unit: "ms",
    better: "lower",
    tasks: ["generate"],
    under: "load",
    measure: (sample) => percentile(values(sample), percent),
  })),
)

const percentile = (values: ReadonlyArray<number>, percent: keyof typeof NEEDED): Measured => {
  if (values.length === 0) return NONE_SUCCEEDED
  return values.length < NEEDED[percent]
    ? absent(`a p${percent} needs ${NEEDED[percent]} values, the trial has ${values.length}`)
    : measured(quantile(Float64Array.from(values).sort(), percent / 100))
}
