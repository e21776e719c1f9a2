import { absent, type Measured, type Metric, type Sample } from "@rigbook/core"
import { percentile } from "../statistics/Percentile.ts"
import { endToEnd, isUnsure, NOT_SUPPORTED, sortedGaps, timePerToken, timeToFirst } from "./RequestTimes.ts"
import { NONE_SUCCEEDED, succeeded } from "./Succeeded.ts"

const all =
  (of: (request: Sample["requests"][number]) => number | undefined) =>
  (sample: Sample): Float64Array =>
    Float64Array.from(succeeded(sample).flatMap((request) => of(request) ?? [])).sort()

const TIMES = [
  { id: "ttft", label: "TTFT", title: "Time to first token", values: all(timeToFirst) },
  { id: "tpot", label: "TPOT", title: "Time per output token", values: all(timePerToken) },
  { id: "icl", label: "ICL", title: "Inter-chunk latency", values: sortedGaps },
  { id: "e2e", label: "E2E", title: "End-to-end latency", values: all(endToEnd) },
] as const

/**
 * `ttft_p95`, `ttft_p99` and so on: over a trial's requests; `icl` over all their gaps. Source: R type 7, with as many
 * values as its `percentile` requires.
 */
export const PERCENTILES: ReadonlyArray<Metric> = TIMES.flatMap(({ id, label, title, values }) =>
  ([95, 99] as const).map((percent) => ({
    id: `${id}_p${percent}`,
    title: `${title}, p${percent}`,
    label: `${label} p${percent}`,
    definition: `${percent}th percentile of ${id} over the ${id === "icl" ? "gaps" : "requests"} of a trial`,
    unit: "ms",
    better: "lower",
    tasks: ["generate"],
    under: "load",
    roles: ["compared"],
    ...(id === "e2e" ? { ofLength: true } : {}),
    measure: (sample) =>
      // If the time of some requests is unknown, there is no percentile of all.
      (id === "tpot" || id === "e2e") && succeeded(sample).some((request) => isUnsure(request, id))
        ? absent(NOT_SUPPORTED)
        : ofTrial(values(sample), percent),
  })),
)

const ofTrial = (sorted: Float64Array, percent: number): Measured =>
  sorted.length === 0 ? NONE_SUCCEEDED : percentile(sorted, percent / 100)
