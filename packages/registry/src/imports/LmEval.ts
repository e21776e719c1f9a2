import type { ImportedResult, Importer } from "@rigbook/core"
import { Result, Schema } from "effect"
import { taken, together, ReportedNumber } from "./Figures.ts"
import { atChance, better } from "./Scores.ts"
import { all, decoded } from "./Refusal.ts"

const optional = Schema.optionalKey
const byTask = <S extends Schema.Top>(value: S) => optional(Schema.Record(Schema.String, value))

/** Directions, counts and the version came with releases of 0.4; before, keys of results had no filter. */
const Report = Schema.Struct({
  lm_eval_version: optional(Schema.NullOr(Schema.String)),
  date: optional(Schema.NullOr(Schema.Finite)),
  config: Schema.Struct({
    model: optional(Schema.NullOr(Schema.String)),
    model_args: optional(Schema.Unknown),
    limit: optional(Schema.NullOr(Schema.Finite)),
  }),
  configs: byTask(Schema.Struct({ doc_to_choice: optional(Schema.Unknown), num_fewshot: optional(Schema.Unknown) })),
  model_name: optional(Schema.NullOr(Schema.String)),
  results: Schema.Record(Schema.String, Schema.Record(Schema.String, Schema.Unknown)),
  versions: byTask(Schema.NullOr(Schema.Union([Schema.Finite, Schema.String]))),
  higher_is_better: byTask(Schema.Record(Schema.String, Schema.NullOr(Schema.Boolean))),
  "n-shot": byTask(Schema.NullOr(Schema.Int)),
  "n-samples": byTask(Schema.Struct({ original: optional(Schema.Int), effective: Schema.Int })),
})
type Report = typeof Report.Type

/** lm-evaluation-harness's `results_*.json`: what share of a task's questions a model got right. */
export const lmEval: Importer = {
  tool: "lm-eval",
  owns: (document) => "results" in document && ("versions" in document || "lm_eval_version" in document),
  read: (documents) =>
    Result.flatMap(all(documents, decoded(Report)), (reports) => {
      const [first, ...rest] = reports.flatMap((report) =>
        Object.keys(report.results).map((task) => resultOf(report, task)),
      )
      if (first === undefined) return Result.fail('there is no task in its key "results"')
      const { date, lm_eval_version: version } = reports[0]
      return Result.succeed({
        tool: "lm-eval",
        ...(version ? { version } : {}),
        ...(typeof date === "number" ? { measuredAt: new Date(1000 * date).toISOString() } : {}),
        results: [first, ...rest],
      })
    }),
}

const isReported = Schema.is(ReportedNumber)

const resultOf = (report: Report, task: string): ImportedResult => {
  const values = report.results[task] ?? {}
  const samples = report["n-samples"]?.[task]
  const n = samples?.effective
  const named = Object.keys(values).some((key) => key.includes(","))
  const metrics = Object.entries(values).flatMap(([key, value]) => {
    const [metric = "", filter = named ? "" : "none"] = key.split(",")
    return isReported(value) && filter !== "" && !/_stderr$|^sample_len$/.test(metric)
      ? [{ metric, filter, value }]
      : []
  })
  const taking = metrics.map(({ filter, metric, value }) => {
    const name = filter === "none" ? metric : `${metric} (${filter})`
    const direction = better(metric, report.higher_is_better?.[task]?.[metric])
    if (direction === undefined)
      return { figures: [], leftOut: [{ name, reason: "the file does not state whether higher or lower is better" }] }
    const error = values[named ? `${metric}_stderr,${filter}` : `${metric}_stderr`]
    const chance = atChance(task, metric, { value, error, choices: report.configs?.[task]?.doc_to_choice })
    return taken({
      name,
      unit: "score",
      better: direction,
      difference: `quality of answers, not speed${chance === undefined ? "" : `; ${chance}`}`,
      value,
      statistic: "mean",
      ...(n === undefined ? {} : { n }),
      ...(typeof error === "number" ? { error } : {}),
    })
  })
  const shots = report["n-shot"]?.[task] ?? report.configs?.[task]?.num_fewshot
  const shown = typeof shots === "number" ? shots : report["n-shot"] === undefined ? "an unknown number of" : 0
  const limit = report.config.limit ?? undefined
  const part =
    samples?.original !== undefined && samples.original !== samples.effective
      ? [`${samples.effective} of ${samples.original} questions`]
      : samples === undefined && limit !== undefined
        ? [`limited to ${limit}`]
        : []
  return {
    model: modelOf(report),
    task: "generate",
    workload: [`${task} (version ${report.versions?.[task] ?? "not stated"})`, `${shown} examples shown`, ...part].join(
      ", ",
    ),
    ...together(...taking),
  }
}

/** Before `model_name` the model was among the arguments, as `pretrained=…`. */
const modelOf = ({ config, model_name: name }: Report): string => {
  const args = typeof config.model_args === "string" ? config.model_args : ""
  return name || /(?:pretrained|model)=([^,]+)/.exec(args)?.[1] || config.model || "not stated in the file"
}
