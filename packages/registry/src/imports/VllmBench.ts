import type { ImportedResult, Importer } from "@rigbook/core"
import { Result, Schema } from "effect"
import { requestsText, taken, together, Reported } from "./Figures.ts"
import { all, decoded } from "./Refusal.ts"
import { settingsThatDiffer } from "./Settings.ts"

const text = Schema.optionalKey(Schema.NullOr(Schema.String))

/** `--percentile-metrics` selects which times exist; pooling models have no output, and no time except the last. */
const Report = Schema.StructWithRest(
  Schema.Struct({
    date: text,
    backend: text,
    endpoint_type: text,
    model_id: Schema.NonEmptyString,
    num_prompts: Schema.optionalKey(Schema.NullOr(Schema.Int)),
    request_rate: Schema.optionalKey(Schema.NullOr(Schema.Union([Schema.Finite, Schema.String]))),
    max_concurrency: Schema.optionalKey(Schema.NullOr(Schema.Int)),
    completed: Schema.Int,
    failed: Schema.optionalKey(Schema.NullOr(Schema.Int)),
    total_input_tokens: Reported,
    total_output_tokens: Reported,
    request_throughput: Reported,
    output_throughput: Reported,
    total_token_throughput: Reported,
    median_ttft_ms: Reported,
    std_ttft_ms: Reported,
    p95_ttft_ms: Reported,
    p99_ttft_ms: Reported,
    median_tpot_ms: Reported,
    std_tpot_ms: Reported,
    p95_tpot_ms: Reported,
    p99_tpot_ms: Reported,
    median_itl_ms: Reported,
    std_itl_ms: Reported,
    p95_itl_ms: Reported,
    p99_itl_ms: Reported,
    median_e2el_ms: Reported,
    std_e2el_ms: Reported,
    p95_e2el_ms: Reported,
    p99_e2el_ms: Reported,
  }),
  [Schema.Record(Schema.String, Schema.Unknown)],
)
type Report = typeof Report.Type

/**
 * `vllm bench serve --save-result` and `--append-result`, and the summary of `vllm bench sweep serve`. What it calls
 * ITL are the gaps between chunks; its TPOT leaves the first token out.
 */
export const vllmBench: Importer = {
  tool: "vllm bench serve",
  owns: (document) => "model_id" in document && ("num_prompts" in document || "request_throughput" in document),
  read: (documents) =>
    Result.map(all(documents, decoded(Report)), (reports) => {
      const differing = settingsThatDiffer(reports, isReported)
      const [first, ...rest] = reports
      const result = (report: Report) => resultOf(report, differing(report))
      return {
        tool: "vllm bench serve",
        ...(first.date ? { measuredAt: first.date } : {}),
        results: [result(first), ...rest.map(result)],
      }
    }),
}

/** Keys that hold results, or are part of a run's name. */
const isReported = (key: string): boolean =>
  /_ms$|_throughput$|_tokens$|_goodput:?$|^max_output_tokens_per_s$|^max_concurrent_requests$|^rtfx$/.test(key) ||
  ["date", "duration", "completed", "failed", "num_prompts", "request_rate", "max_concurrency", "model_id"].includes(
    key,
  )

const resultOf = (report: Report, differing: ReadonlyArray<string>): ImportedResult => {
  const { completed: n, total_input_tokens: input, total_output_tokens: output } = report
  const kind = report.endpoint_type ?? report.backend ?? ""
  const task = output === undefined || /embed|pooling|rerank/.test(kind) ? "embed" : "generate"
  const time = (name: "ttft" | "tpot" | "itl" | "e2el", ours: { metric: string } | { difference: string }) =>
    taken({
      ...ours,
      name,
      unit: "ms",
      better: "lower",
      value: report[`median_${name}_ms`],
      statistic: "median",
      n,
      deviation: report[`std_${name}_ms`],
      p95: report[`p95_${name}_ms`],
      p99: report[`p99_${name}_ms`],
    })
  const rate = { better: "higher", statistic: "total", n } as const
  const requests = taken({
    ...rate,
    name: "request_throughput",
    unit: "requests/s",
    difference: "requests that ended, over the whole run",
    value: report.request_throughput,
  })
  const tokens = { ...rate, unit: "tokens/s" } as const
  const figures =
    task === "embed"
      ? together(
          time("e2el", { difference: "of one request: the file does not state how many documents it held" }),
          taken({
            ...tokens,
            name: "total_token_throughput",
            ...(/rerank/.test(kind)
              ? { difference: "prompt tokens of pairs that were ranked" }
              : { metric: "embed_tokens_per_s" }),
            value: report.total_token_throughput,
          }),
          requests,
        )
      : together(
          time("ttft", { metric: "ttft" }),
          time("tpot", { metric: "tpot" }),
          time("itl", { metric: "icl" }),
          time("e2el", { metric: "e2e" }),
          taken({ ...tokens, name: "output_throughput", metric: "output_tps", value: report.output_throughput }),
          requests,
        )
  const requested = requestsText({
    completed: n,
    failed: report.failed ?? undefined,
    requested: report.num_prompts ?? undefined,
  })
  const rateText = String(report.request_rate ?? "not stated").replace("Infinity", "inf")
  return {
    model: report.model_id,
    task,
    workload: [
      requested,
      `${report.max_concurrency ?? "any number"} at once`,
      `rate ${rateText}`,
      `${input ?? "unknown"} prompt${task === "embed" ? "" : ` and ${output ?? "unknown"} output`} tokens in total`,
      ...differing,
    ].join(", "),
    figures: figures.figures,
    leftOut: [
      ...figures.leftOut,
      ...(task === "embed"
        ? []
        : [{ name: "total_token_throughput", reason: "prompt and output tokens together are not a speed of either" }]),
    ],
  }
}
