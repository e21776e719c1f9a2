import type { ImportedFigure, Importer } from "@rigbook/core"
import { Option, Schema } from "effect"
import { tellable } from "./Percentiles.ts"

const Times = Schema.Struct({
  unit: Schema.Literal("ms"),
  p50: Schema.Finite,
  p95: Schema.Finite,
  p99: Schema.Finite,
  std: Schema.Finite,
  count: Schema.Int,
})
const Rate = Schema.Struct({ unit: Schema.NonEmptyString, avg: Schema.Finite })

const Report = Schema.Struct({
  aiperf_version: Schema.NonEmptyString,
  start_time: Schema.NonEmptyString,
  input_config: Schema.Struct({
    models: Schema.Struct({ items: Schema.NonEmptyArray(Schema.Struct({ name: Schema.NonEmptyString })) }),
  }),
  request_count: Rate,
  time_to_first_token: Times,
  inter_token_latency: Times,
  inter_chunk_latency: Schema.optionalKey(Times),
  request_latency: Times,
  output_token_throughput: Rate,
  request_throughput: Rate,
  effective_concurrency: Schema.optionalKey(Rate),
  request_error_rate: Schema.optionalKey(Rate),
})
type Report = typeof Report.Type

const decode = Schema.decodeUnknownOption(Report)

const TIMES = [
  ["time_to_first_token", "ttft"],
  ["inter_token_latency", "tpot"],
  ["inter_chunk_latency", "icl"],
  ["request_latency", "e2e"],
] as const satisfies ReadonlyArray<readonly [keyof Report, string]>

/** AIPerf's `profile_export_aiperf.json`. What it calls inter-token latency is our TPOT. */
export const aiPerf: Importer = {
  tool: "AIPerf",
  read: (json) => {
    const report = Option.getOrUndefined(decode(json))
    if (report === undefined) return undefined
    const times = TIMES.flatMap(([name, metric]) => {
      const given = report[name]
      if (given === undefined) return []
      const n = report.request_count.avg
      const { leftOut, percentiles } = tellable(name, { n, p95: given.p95, p99: given.p99 })
      const figure: ImportedFigure = {
        name,
        unit: "ms",
        better: "lower",
        metric,
        value: given.p50,
        statistic: "median",
        n,
        deviation: given.std,
        ...percentiles,
      }
      return [{ figure, leftOut }]
    })
    const concurrency = report.effective_concurrency?.avg.toFixed(1)
    return {
      tool: "AIPerf",
      version: report.aiperf_version,
      measuredAt: report.start_time,
      results: [
        {
          model: report.input_config.models.items[0].name,
          task: "generate",
          workload: [
            `${report.request_count.avg} requests`,
            ...(concurrency === undefined ? [] : [`${concurrency} at once on average`]),
          ].join(", "),
          figures: [
            ...times.map(({ figure }) => figure),
            {
              name: "output_token_throughput",
              unit: "tokens/s",
              better: "higher",
              metric: "output_tps",
              value: report.output_token_throughput.avg,
              statistic: "total",
            },
            {
              name: "request_throughput",
              unit: "requests/s",
              better: "higher",
              difference: "requests that ended, over the whole run",
              value: report.request_throughput.avg,
              statistic: "total",
            },
          ],
          leftOut: [
            ...times.flatMap(({ leftOut }) => leftOut),
            {
              name: "prefill_throughput_per_user",
              reason: "a mean of speeds by request, and prompt tokens from a cache are counted",
            },
          ],
        },
      ],
    }
  },
}
