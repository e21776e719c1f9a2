import type { ImportedResult, Importer } from "@rigbook/core"
import { Predicate, Result, Schema } from "effect"
import { requestsText, taken, together, Reported } from "./Figures.ts"
import { all, decoded } from "./Refusal.ts"

const optional = Schema.optionalKey
const Times = Schema.Struct({
  unit: Schema.NonEmptyString,
  p50: Reported,
  p95: Reported,
  p99: Reported,
  std: Reported,
  count: optional(Schema.NullOr(Schema.Int)),
})
const Rate = Schema.Struct({ unit: Schema.NonEmptyString, avg: Reported })
const Names = Schema.NonEmptyArray(Schema.NonEmptyString)

/** Times of tokens exist with `--streaming` only, and those of output not for embeddings. */
const Report = Schema.Struct({
  aiperf_version: optional(Schema.NonEmptyString),
  start_time: optional(Schema.NullOr(Schema.NonEmptyString)),
  was_cancelled: optional(Schema.NullOr(Schema.Boolean)),
  is_complete: optional(Schema.NullOr(Schema.Boolean)),
  input_config: Schema.Struct({
    models: optional(Schema.Struct({ items: Schema.NonEmptyArray(Schema.Struct({ name: Schema.NonEmptyString })) })),
    endpoint: optional(
      Schema.Struct({
        type: optional(Schema.NullOr(Schema.String)),
        model_names: optional(Names),
      }),
    ),
  }),
  request_count: optional(Rate),
  error_request_count: optional(Rate),
  error_summary: optional(Schema.NullOr(Schema.Array(Schema.Struct({ count: Schema.Int })))),
  time_to_first_token: optional(Times),
  inter_token_latency: optional(Times),
  inter_chunk_latency: optional(Times),
  request_latency: optional(Times),
  output_token_throughput: optional(Rate),
  request_throughput: optional(Rate),
  effective_concurrency: optional(Rate),
  prefill_throughput_per_user: optional(Schema.Unknown),
})
type Report = typeof Report.Type

/** AIPerf's `profile_export_aiperf.json`. What it calls inter-token latency is our TPOT. */
export const aiPerf: Importer = {
  tool: "AIPerf",
  owns: (document) =>
    "aiperf_version" in document ||
    (Predicate.isObject(document["input_config"]) &&
      !("perf_analyzer" in document["input_config"]) &&
      ["request_count", "request_latency", "error_summary"].some((key) => key in document)),
  read: (documents) =>
    Result.map(all(documents, decoded(Report)), (reports) => {
      const [first, ...rest] = reports
      const { aiperf_version: version, start_time: at } = first
      return {
        tool: "AIPerf",
        ...(version === undefined || reports.some((one) => one.aiperf_version !== version) ? {} : { version }),
        ...(at ? { measuredAt: at } : {}),
        results: [resultOf(first), ...rest.map(resultOf)],
      }
    }),
}

const TIMES = [
  ["time_to_first_token", "ttft"],
  ["inter_token_latency", "tpot"],
  ["inter_chunk_latency", "icl"],
  ["request_latency", "e2e"],
] as const satisfies ReadonlyArray<readonly [keyof Report, string]>

const resultOf = (report: Report): ImportedResult => {
  const { endpoint, models } = report.input_config
  const count = (rate: typeof Rate.Type | undefined) => (typeof rate?.avg === "number" ? rate.avg : undefined)
  const completed = count(report.request_count) ?? 0 // left out if no request completed
  const summed = (report.error_summary ?? []).reduce((sum, { count: failed }) => sum + failed, 0)
  const failed = Math.max(count(report.error_request_count) ?? 0, summed)
  const task = /embed/.test(endpoint?.type ?? "") ? "embed" : "generate"
  const rate = { better: "higher", statistic: "total" } as const
  const n = completed === 0 ? { n: 0 } : {}
  const figures = together(
    ...TIMES.map(([name, metric]) => {
      const given = report[name]
      const ours =
        task === "embed"
          ? { difference: "of one request: the file does not state how many documents it held" }
          : given?.unit !== "ms"
            ? { difference: "in another unit than Rigbook's" }
            : { metric }
      return taken({
        ...ours,
        name,
        unit: given?.unit ?? "ms",
        better: "lower",
        value: given?.p50,
        statistic: "median",
        n: Math.min(completed, given?.count ?? completed),
        deviation: given?.std,
        p95: given?.p95,
        p99: given?.p99,
      })
    }),
    taken({
      ...rate,
      ...n,
      name: "output_token_throughput",
      unit: "tokens/s",
      metric: "output_tps",
      value: report.output_token_throughput?.avg,
    }),
    taken({
      ...rate,
      ...n,
      name: "request_throughput",
      unit: "requests/s",
      difference: "requests that ended, over the whole run",
      value: report.request_throughput?.avg,
    }),
  )
  const concurrency = count(report.effective_concurrency)?.toFixed(1)
  return {
    model:
      models?.items.map(({ name }) => name).join(", ") ?? endpoint?.model_names?.join(", ") ?? "not stated in the file",
    task,
    workload: [
      failed === 0 ? `${completed} requests` : requestsText({ completed, failed }),
      ...(concurrency === undefined ? [] : [`${concurrency} at once on average`]),
      ...(report.was_cancelled === true ? ["the run was cancelled"] : []),
      ...(report.is_complete === false && report.was_cancelled !== true ? ["the run is not complete"] : []),
    ].join(", "),
    figures: figures.figures,
    leftOut: [
      ...figures.leftOut,
      ...(report.prefill_throughput_per_user === undefined
        ? []
        : [
            {
              name: "prefill_throughput_per_user",
              reason: "a mean of speeds by request, and prompt tokens from a cache are counted",
            },
          ]),
    ],
  }
}
