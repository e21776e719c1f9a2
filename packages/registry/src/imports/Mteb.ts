import type { ImportedResult, Importer } from "@rigbook/core"
import { Result, Schema } from "effect"
import { taken, together, ReportedNumber } from "./Figures.ts"
import { all, decoded } from "./Refusal.ts"

const Report = Schema.Struct({
  task_name: Schema.NonEmptyString,
  mteb_version: Schema.NullOr(Schema.String),
  dataset_revision: Schema.NonEmptyString,
  date: Schema.optionalKey(Schema.NullOr(Schema.Finite)),
  scores: Schema.Record(
    Schema.String,
    Schema.NonEmptyArray(
      Schema.Struct({
        main_score: Schema.NullOr(ReportedNumber),
        hf_subset: Schema.NonEmptyString,
      }),
    ),
  ),
})
type Report = typeof Report.Type

/** One task's result of mteb (`<task>.json` of its cache). It names no model: that is in the folder's name. */
export const mteb: Importer = {
  tool: "mteb",
  owns: (document) => "task_name" in document && "mteb_version" in document,
  read: (documents) =>
    Result.map(all(documents, decoded(Report)), (reports) => {
      const [first, ...rest] = reports
      const { date, mteb_version: version } = first
      return {
        tool: "mteb",
        ...(version ? { version } : {}),
        ...(typeof date === "number" ? { measuredAt: new Date(1000 * date).toISOString() } : {}),
        results: [resultOf(first), ...rest.map(resultOf)],
      }
    }),
}

const resultOf = ({ dataset_revision: revision, scores, task_name: task }: Report): ImportedResult => {
  const { figures, leftOut } = together(
    ...Object.entries(scores).flatMap(([split, subsets]) =>
      subsets.map(({ hf_subset: subset, main_score: value }) =>
        taken({
          name: `main score, ${split}${subset === "default" ? "" : `, ${subset}`}`,
          unit: "score",
          better: "higher",
          difference: "quality of vectors, not speed",
          value,
          statistic: "total",
        }),
      ),
    ),
  )
  return {
    model: "not stated in the file",
    task: "embed",
    workload: `${task}, data set revision ${revision}`,
    figures,
    leftOut: [...leftOut, { name: "scores beside the main one", reason: "they are only in the file" }],
  }
}
