import type { ImportedFigure, Importer } from "@rigbook/core"
import { Option, Schema } from "effect"

const Report = Schema.Struct({
  task_name: Schema.NonEmptyString,
  mteb_version: Schema.NonEmptyString,
  dataset_revision: Schema.NonEmptyString,
  date: Schema.optionalKey(Schema.NullOr(Schema.Finite)),
  scores: Schema.Record(
    Schema.String,
    Schema.NonEmptyArray(Schema.Struct({ main_score: Schema.Finite, hf_subset: Schema.NonEmptyString })),
  ),
})

const decode = Schema.decodeUnknownOption(Report)

/** One task's result of mteb (`<task>.json` of its cache). It names no model: that is in the folder's name. */
export const mteb: Importer = {
  tool: "mteb",
  read: (json) => {
    const report = Option.getOrUndefined(decode(json))
    if (report === undefined) return undefined
    const { dataset_revision: revision, date, mteb_version: version, scores, task_name: task } = report
    const figures = Object.entries(scores).flatMap(([split, subsets]) =>
      subsets.map(({ hf_subset: subset, main_score: value }): ImportedFigure => ({
        name: `main score, ${split}${subset === "default" ? "" : `, ${subset}`}`,
        unit: "score",
        better: "higher",
        difference: "how good vectors are, not how fast",
        value,
        statistic: "total",
      })),
    )
    return {
      tool: "mteb",
      version,
      ...(date === undefined || date === null ? {} : { measuredAt: new Date(1000 * date).toISOString() }),
      results: [
        {
          model: "not told by the file",
          task: "embed",
          workload: `${task}, data set revision ${revision}`,
          figures,
          leftOut: [{ name: "scores beside the main one", reason: "they are in the file" }],
        },
      ],
    }
  },
}
