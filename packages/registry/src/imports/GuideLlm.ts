import type { ImportedFigure, ImportedResult, Importer } from "@rigbook/core"
import { Option, Schema } from "effect"
import { tellable } from "./Percentiles.ts"

const Distribution = Schema.Struct({
  successful: Schema.Struct({
    mean: Schema.Finite,
    median: Schema.Finite,
    std_dev: Schema.Finite,
    count: Schema.Int,
    percentiles: Schema.Struct({ p95: Schema.Finite, p99: Schema.Finite }),
  }),
})

const Benchmark = Schema.Struct({
  config: Schema.Struct({
    strategy: Schema.Struct({ type_: Schema.NonEmptyString, streams: Schema.optionalKey(Schema.NullOr(Schema.Int)) }),
  }),
  start_time: Schema.Finite,
  metrics: Schema.Struct({
    request_totals: Schema.Struct({ successful: Schema.Int, errored: Schema.Int, incomplete: Schema.Int }),
    time_to_first_token_ms: Distribution,
    inter_token_latency_ms: Distribution,
    time_per_output_token_ms: Distribution,
    request_latency: Distribution,
    output_tokens_per_second: Distribution,
  }),
})
type Benchmark = typeof Benchmark.Type

const Report = Schema.Struct({
  metadata: Schema.Struct({ guidellm_version: Schema.NonEmptyString }),
  config: Schema.Struct({
    spec: Schema.Struct({ backend: Schema.Struct({ model: Schema.NullOr(Schema.NonEmptyString) }) }),
  }),
  benchmarks: Schema.NonEmptyArray(Benchmark),
})

const decode = Schema.decodeUnknownOption(Report)

/** GuideLLM's JSON report. What it calls inter-token latency is our TPOT; its TPOT contains the time to the first token. */
export const guideLlm: Importer = {
  tool: "GuideLLM",
  read: (json) => {
    const report = Option.getOrUndefined(decode(json))
    if (report === undefined) return undefined
    const [first, ...rest] = report.benchmarks
    const model = report.config.spec.backend.model ?? "the server's own"
    return {
      tool: "GuideLLM",
      version: report.metadata.guidellm_version,
      measuredAt: new Date(1000 * first.start_time).toISOString(),
      results: [resultOf(model, first), ...rest.map((benchmark) => resultOf(model, benchmark))],
    }
  },
}

const resultOf = (model: string, { config, metrics }: Benchmark): ImportedResult => {
  const { errored, incomplete, successful: n } = metrics.request_totals
  const time = (name: "time_to_first_token_ms" | "inter_token_latency_ms", metric: string) => {
    const { median, percentiles: given, std_dev: deviation } = metrics[name].successful
    const { leftOut, percentiles } = tellable(name, { n, ...given })
    const figure: ImportedFigure = {
      name,
      unit: "ms",
      better: "lower",
      metric,
      value: median,
      statistic: "median",
      n,
      deviation,
      ...percentiles,
    }
    return { figure, leftOut }
  }
  const times = [time("time_to_first_token_ms", "ttft"), time("inter_token_latency_ms", "tpot")]
  const { streams, type_: strategy } = config.strategy
  return {
    model,
    task: "generate",
    workload: `${strategy}${streams === undefined || streams === null ? "" : ` ${streams}`}, ${n} of ${n + errored + incomplete} requests`,
    figures: [
      ...times.map(({ figure }) => figure),
      {
        name: "output_tokens_per_second",
        unit: "tokens/s",
        better: "higher",
        metric: "output_tps",
        value: metrics.output_tokens_per_second.successful.mean, // weighted by time: tokens over the whole time
        statistic: "total",
        n,
      },
      {
        name: "request_latency",
        unit: "s",
        better: "lower",
        difference: "until the response had ended, not until its last token",
        value: metrics.request_latency.successful.median,
        statistic: "median",
        n,
      },
    ],
    leftOut: [
      ...times.flatMap(({ leftOut }) => leftOut),
      {
        name: "time_per_output_token_ms",
        reason: "the time to the first token is in it: it is no time per output token of ours",
      },
    ],
  }
}
