import type { ImportedFigure, ImportedResult, Importer } from "@rigbook/core"
import { Option, Schema } from "effect"

const Report = Schema.Struct({
  lm_eval_version: Schema.NonEmptyString,
  date: Schema.Finite,
  config: Schema.Struct({ model: Schema.NonEmptyString }),
  model_name: Schema.NonEmptyString,
  results: Schema.Record(Schema.String, Schema.Record(Schema.String, Schema.Unknown)),
  versions: Schema.Record(Schema.String, Schema.Union([Schema.Finite, Schema.String])),
  higher_is_better: Schema.Record(Schema.String, Schema.Record(Schema.String, Schema.NullOr(Schema.Boolean))),
  "n-shot": Schema.Record(Schema.String, Schema.Int),
  "n-samples": Schema.Record(Schema.String, Schema.Struct({ effective: Schema.Int })),
})
type Report = typeof Report.Type

const decode = Schema.decodeUnknownOption(Report)

/** lm-evaluation-harness's `results_*.json`: what share of a task's questions a model got right. */
export const lmEval: Importer = {
  tool: "lm-eval",
  read: (json) => {
    const report = Option.getOrUndefined(decode(json))
    if (report === undefined) return undefined
    const [first, ...rest] = Object.keys(report.results).map((task) => resultOf(report, task))
    if (first === undefined) return undefined
    const measuredAt = new Date(1000 * report.date).toISOString()
    return { tool: "lm-eval", version: report.lm_eval_version, measuredAt, results: [first, ...rest] }
  },
}

const resultOf = (report: Report, task: string): ImportedResult => {
  const values = report.results[task] ?? {}
  const n = report["n-samples"][task]?.effective
  const metrics = Object.entries(values).flatMap(([key, value]) => {
    const [metric = "", filter = ""] = key.split(",")
    return typeof value === "number" && filter !== "" && !metric.endsWith("_stderr") ? [{ metric, filter, value }] : []
  })
  return {
    model: report.model_name,
    task: "generate",
    workload: `${task} (version ${report.versions[task] ?? "not told"}), ${report["n-shot"][task] ?? 0} examples shown`,
    figures: metrics.map(({ filter, metric, value }): ImportedFigure => {
      const error = values[`${metric}_stderr,${filter}`]
      return {
        name: filter === "none" ? metric : `${metric} (${filter})`,
        unit: "score",
        better: report.higher_is_better[task]?.[metric] === false ? "lower" : "higher",
        difference: "how good answers are, not how fast",
        value,
        statistic: "mean",
        ...(n === undefined ? {} : { n }),
        ...(typeof error === "number" ? { error } : {}),
      }
    }),
    leftOut: [],
  }
}
