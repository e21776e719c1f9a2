import type { ImportedResult, Importer } from "@rigbook/core"
import { Result, Schema } from "effect"
import { requestsText, taken, together, Reported } from "./Figures.ts"
import { all, decoded } from "./Refusal.ts"

const optional = Schema.optionalKey
const Distribution = Schema.Struct({
  successful: Schema.NullOr(
    Schema.Struct({
      mean: Reported,
      median: Reported,
      std_dev: Reported,
      count: optional(Schema.Int),
      percentiles: optional(Schema.NullOr(Schema.Struct({ p95: Reported, p99: Reported }))),
    }),
  ),
})
type Distribution = typeof Distribution.Type

const Strategy = Schema.Struct({
  type_: Schema.NonEmptyString,
  streams: optional(Schema.NullOr(Schema.Int)),
  rate: optional(Schema.NullOr(Schema.Finite)),
})
const Totals = Schema.Struct({ successful: Schema.Int, errored: Schema.Int, incomplete: Schema.Int })
const Named = Schema.Struct({ model: optional(Schema.NullOr(Schema.String)) })

/**
 * Before 0.4 the load was in `args` and counts beside the metrics; the model in `worker`, then in the report's `args`.
 */
const Benchmark = Schema.Struct({
  args: optional(Schema.Struct({ strategy: optional(Strategy) })),
  config: optional(Schema.Struct({ strategy: optional(Strategy), backend: optional(Named) })),
  scheduler: optional(Schema.Struct({ strategy: optional(Strategy) })),
  worker: optional(Schema.Struct({ backend_model: optional(Schema.NullOr(Schema.String)) })),
  start_time: optional(Schema.Finite),
  run_stats: optional(Schema.Struct({ start_time: optional(Schema.Finite) })),
  request_totals: optional(Totals),
  metrics: Schema.Struct({
    request_totals: optional(Totals),
    time_to_first_token_ms: optional(Schema.NullOr(Distribution)),
    inter_token_latency_ms: optional(Schema.NullOr(Distribution)),
    time_per_output_token_ms: optional(Schema.Unknown),
    request_latency: optional(Schema.NullOr(Distribution)),
    output_tokens_per_second: optional(Schema.NullOr(Distribution)),
  }),
})
type Benchmark = typeof Benchmark.Type

const Report = Schema.Struct({
  metadata: optional(Schema.Struct({ guidellm_version: optional(Schema.NonEmptyString) })),
  args: optional(Named),
  config: optional(Schema.Struct({ spec: optional(Schema.Struct({ backend: optional(Named) })) })),
  benchmarks: Schema.NonEmptyArray(Benchmark),
})
type Report = typeof Report.Type

/**
 * GuideLLM's JSON report. What it calls inter-token latency is our TPOT; its TPOT contains the time to the first token.
 */
export const guideLlm: Importer = {
  tool: "GuideLLM",
  owns: ({ benchmarks }) =>
    Array.isArray(benchmarks) &&
    benchmarks.some((one: unknown) => Schema.is(Schema.Struct({ metrics: Schema.Unknown }))(one)),
  read: (documents) =>
    Result.flatMap(all(documents, decoded(Report)), (reports) => {
      const results = reports.flatMap((report) => report.benchmarks.map((benchmark) => resultOf(report, benchmark)))
      const version = reports[0].metadata?.guidellm_version
      const { run_stats, start_time = run_stats?.start_time } = reports[0].benchmarks[0]
      return Result.map(Result.all(results), ([first, ...rest]) => ({
        tool: "GuideLLM",
        ...(version === undefined ? {} : { version }),
        ...(start_time === undefined ? {} : { measuredAt: new Date(1000 * start_time).toISOString() }),
        results: [first!, ...rest],
      }))
    }),
}

const modelOf = ({ args, config }: Report, benchmark: Benchmark): string =>
  [config?.spec?.backend?.model, args?.model, benchmark.config?.backend?.model, benchmark.worker?.backend_model].find(
    (name) => name !== undefined && name !== null && name !== "",
  ) ?? "the server's own"

const resultOf = (report: Report, benchmark: Benchmark): Result.Result<ImportedResult, string> => {
  const { args, config, metrics, scheduler } = benchmark
  const strategy = config?.strategy ?? args?.strategy ?? scheduler?.strategy
  const totals = metrics.request_totals ?? benchmark.request_totals
  if (totals === undefined) return Result.fail('its key "benchmarks.metrics.request_totals" is missing')
  const { errored: failed, incomplete: cut, successful: completed } = totals
  const of = (distribution: Distribution | null | undefined) => {
    const reported = distribution?.successful ?? undefined
    return { reported, n: Math.min(completed, reported?.count ?? completed) }
  }
  const time = (name: "time_to_first_token_ms" | "inter_token_latency_ms", metric: string) => {
    const { n, reported } = of(metrics[name])
    return taken({
      name,
      unit: "ms",
      better: "lower",
      metric,
      value: reported?.median,
      statistic: "median",
      n,
      deviation: reported?.std_dev,
      ...reported?.percentiles,
    })
  }
  const speed = of(metrics.output_tokens_per_second)
  const latency = of(metrics.request_latency)
  const figures = together(
    time("time_to_first_token_ms", "ttft"),
    time("inter_token_latency_ms", "tpot"),
    taken({
      name: "output_tokens_per_second",
      unit: "tokens/s",
      better: "higher",
      metric: "output_tps",
      value: speed.reported?.mean, // weighted by time: tokens over the whole time
      statistic: "total",
      n: completed,
    }),
    taken({
      name: "request_latency",
      unit: "s",
      better: "lower",
      difference: "until the response had ended, not until its last token",
      value: latency.reported?.median,
      statistic: "median",
      n: latency.n,
    }),
  )
  const load = [
    strategy?.type_ ?? "load not stated",
    ...(typeof strategy?.streams === "number" ? [String(strategy.streams)] : []),
    ...(typeof strategy?.rate === "number" ? [`${strategy.rate} requests/s`] : []),
  ].join(" ")
  return Result.succeed({
    model: modelOf(report, benchmark),
    task: "generate",
    workload: `${load}, ${requestsText({ completed, failed, cut })}`,
    figures: figures.figures,
    leftOut: [
      ...figures.leftOut,
      ...(metrics.time_per_output_token_ms === undefined
        ? []
        : [
            {
              name: "time_per_output_token_ms",
              reason: "it includes the time to the first token, unlike Rigbook's time per output token",
            },
          ]),
    ],
  })
}
