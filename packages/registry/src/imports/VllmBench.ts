import type { ImportedFigure, Importer } from "@rigbook/core"
import { Option, Schema } from "effect"
import { tellable } from "./Percentiles.ts"

const number = Schema.optionalKey(Schema.NullOr(Schema.Finite))

const Report = Schema.Struct({
  date: Schema.NonEmptyString,
  endpoint_type: Schema.NonEmptyString,
  model_id: Schema.NonEmptyString,
  num_prompts: Schema.Int,
  request_rate: Schema.Union([Schema.Finite, Schema.String]),
  max_concurrency: Schema.NullOr(Schema.Int),
  completed: Schema.Int,
  failed: Schema.optionalKey(Schema.Int),
  total_input_tokens: Schema.Int,
  total_output_tokens: Schema.Int,
  request_throughput: Schema.Finite,
  output_throughput: Schema.Finite,
  total_token_throughput: Schema.Finite,
  median_ttft_ms: Schema.Finite,
  std_ttft_ms: number,
  p99_ttft_ms: number,
  median_tpot_ms: Schema.Finite,
  std_tpot_ms: number,
  p99_tpot_ms: number,
  median_itl_ms: Schema.Finite,
  std_itl_ms: number,
  p99_itl_ms: number,
  median_e2el_ms: number,
  std_e2el_ms: number,
  p99_e2el_ms: number,
})

const decode = Schema.decodeUnknownOption(Report)

/** `vllm bench serve --save-result`. What it calls ITL are the gaps between chunks; its TPOT leaves the first token out. */
export const vllmBench: Importer = {
  tool: "vllm bench serve",
  read: (json) => {
    const report = Option.getOrUndefined(decode(json))
    if (report === undefined) return undefined
    const n = report.completed
    const times = (
      [
        ["ttft", "ttft"],
        ["tpot", "tpot"],
        ["itl", "icl"],
        ["e2el", "e2e"],
      ] as const
    ).flatMap(([name, metric]) => {
      const value = report[`median_${name}_ms`] ?? undefined
      if (value === undefined) return []
      const deviation = report[`std_${name}_ms`] ?? undefined
      const { leftOut, percentiles } = tellable(name, { n, p99: report[`p99_${name}_ms`] ?? undefined })
      const figure: ImportedFigure = {
        name,
        unit: "ms",
        better: "lower",
        metric,
        value,
        statistic: "median",
        n,
        ...(deviation === undefined ? {} : { deviation }),
        ...percentiles,
      }
      return [{ figure, leftOut }]
    })
    const rate = { better: "higher", statistic: "total", n } as const
    const { completed, failed = 0, max_concurrency: streams, total_input_tokens: input } = report
    return {
      tool: "vllm bench serve",
      measuredAt: report.date,
      results: [
        {
          model: report.model_id,
          task: "generate",
          workload: `${completed} of ${completed + failed} requests, ${streams ?? "any number"} at once, rate ${report.request_rate}, ${input} prompt and ${report.total_output_tokens} output tokens in all`,
          figures: [
            ...times.map(({ figure }) => figure),
            {
              ...rate,
              name: "output_throughput",
              unit: "tokens/s",
              metric: "output_tps",
              value: report.output_throughput,
            },
            {
              ...rate,
              name: "request_throughput",
              unit: "requests/s",
              difference: "requests that ended, over the whole run",
              value: report.request_throughput,
            },
          ],
          leftOut: [
            ...times.flatMap(({ leftOut }) => leftOut),
            { name: "total_token_throughput", reason: "prompt and output tokens together are no speed of either" },
          ],
        },
      ],
    }
  },
}
