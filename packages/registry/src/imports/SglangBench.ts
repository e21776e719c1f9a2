import type { ImportedResult, Importer } from "@rigbook/core"
import { Result, Schema } from "effect"
import { requestsText, taken, together, Reported } from "./Figures.ts"
import { all, decoded } from "./Refusal.ts"
import { settingsThatDiffer } from "./Settings.ts"

const Report = Schema.StructWithRest(
  Schema.Struct({
    backend: Schema.NonEmptyString,
    request_rate: Schema.optionalKey(Schema.NullOr(Schema.Union([Schema.Finite, Schema.String]))),
    max_concurrency: Schema.optionalKey(Schema.NullOr(Schema.Int)),
    num_prompts: Schema.optionalKey(Schema.NullOr(Schema.Int)),
    completed: Schema.Int,
    failed: Schema.optionalKey(Schema.NullOr(Schema.Int)),
    /** One for each request, with `--output-details`. */
    errors: Schema.optionalKey(Schema.Array(Schema.Unknown)),
    server_info: Schema.optionalKey(Schema.Unknown),
    total_input_tokens: Reported,
    total_output_tokens: Reported,
    request_throughput: Reported,
    output_throughput: Reported,
    median_ttft_ms: Reported,
    std_ttft_ms: Reported,
    p99_ttft_ms: Reported,
    median_tpot_ms: Reported,
    std_tpot_ms: Reported,
    p99_tpot_ms: Reported,
    median_itl_ms: Reported,
    std_itl_ms: Reported,
    p95_itl_ms: Reported,
    p99_itl_ms: Reported,
    median_e2e_latency_ms: Reported,
    std_e2e_latency_ms: Reported,
    p99_e2e_latency_ms: Reported,
  }),
  [Schema.Record(Schema.String, Schema.Unknown)],
)
type Report = typeof Report.Type

const Server = Schema.Struct({
  model_path: Schema.optionalKey(Schema.NonEmptyString),
  version: Schema.optionalKey(Schema.NonEmptyString),
})
const server = ({ server_info: reported }: Report): typeof Server.Type => (Schema.is(Server)(reported) ? reported : {})

/** SGLang's `bench_serving --output-file`: a line for each run, without the model unless its server reported it. */
export const sglangBench: Importer = {
  tool: "sglang.bench_serving",
  owns: (document) =>
    !("model_id" in document) &&
    "backend" in document &&
    ["random_input_len", "sharegpt_output_len", "total_output_tokens_retokenized"].some((key) => key in document),
  read: (documents) =>
    Result.map(all(documents, decoded(Report)), (reports) => {
      const differing = settingsThatDiffer(reports, isReported)
      const [first, ...rest] = reports
      const result = (report: Report) => resultOf(report, differing(report))
      const { version } = server(first)
      return {
        tool: "sglang.bench_serving",
        ...(version === undefined || reports.some((one) => server(one).version !== version) ? {} : { version }),
        results: [result(first), ...rest.map(result)],
      }
    }),
}

/** Keys that hold results, or are part of a run's name. */
const isReported = (key: string): boolean =>
  /_ms$|_throughput(_retokenized)?$|_tokens(_retokenized)?$|^accept_length$|^concurrency$/.test(key) ||
  ["duration", "completed", "failed", "num_prompts", "request_rate", "max_concurrency"].includes(key)

const UNTIL_END = "until the response had ended, not until its last token"

const resultOf = (report: Report, differing: ReadonlyArray<string>): ImportedResult => {
  const { backend, completed: n, errors, total_input_tokens: input, total_output_tokens: output } = report
  const time = (
    name: "ttft" | "tpot" | "itl" | "e2e_latency",
    ours: { metric: string } | { difference: string },
    p95?: typeof Reported.Type,
  ) =>
    taken({
      ...ours,
      name,
      unit: "ms",
      better: "lower",
      value: report[`median_${name}_ms`],
      statistic: "median",
      n,
      deviation: report[`std_${name}_ms`],
      p95,
      p99: report[`p99_${name}_ms`],
    })
  const rate = { better: "higher", statistic: "total", n } as const
  const requested = report.num_prompts ?? errors?.length
  const requests =
    requested === undefined && report.failed === undefined
      ? `${n} requests completed (the file does not state how many were sent)`
      : requestsText({
          completed: n,
          failed: report.failed ?? errors?.filter((error) => error !== "").length,
          requested,
        })
  return {
    model: server(report).model_path ?? "not stated in the file",
    task: "generate",
    workload: [
      requests,
      `${report.max_concurrency ?? "any number"} at once`,
      `rate ${String(report.request_rate ?? "not stated").replace("Infinity", "inf")}`,
      `${input ?? "unknown"} prompt and ${output ?? "unknown"} output tokens in total`,
      `sent as ${backend}`,
      ...differing,
    ].join(", "),
    ...together(
      time("ttft", { metric: "ttft" }),
      time("tpot", { difference: `${UNTIL_END}: with the last token's time it would be Rigbook's TPOT` }),
      time(
        "itl",
        /^sglang(-native)?$/.test(backend)
          ? { difference: "each gap between chunks is divided over the chunk's tokens" }
          : { metric: "icl" },
        report.p95_itl_ms,
      ),
      time("e2e_latency", { difference: UNTIL_END }),
      taken({
        ...rate,
        name: "output_throughput",
        unit: "tokens/s",
        metric: "output_tps",
        value: report.output_throughput,
      }),
      taken({
        ...rate,
        name: "request_throughput",
        unit: "requests/s",
        difference: "requests that ended, over the whole run",
        value: report.request_throughput,
      }),
    ),
  }
}
