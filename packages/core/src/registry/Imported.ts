import { type Result, Schema } from "effect"
import { Task } from "../model/Model.ts"

/** One figure that another tool measured; all of its numbers but `n` are in its `unit`. */
export const ImportedFigure = Schema.Struct({
  /** What the tool calls it. */
  name: Schema.NonEmptyString,
  unit: Schema.NonEmptyString,
  better: Schema.Literals(["lower", "higher"]),
  /** The metric of ours that is defined alike. */
  metric: Schema.optionalKey(Schema.NonEmptyString),
  /** In what it differs from ours, where no metric is defined alike. */
  difference: Schema.optionalKey(Schema.NonEmptyString),
  /** In `unit`. */
  value: Schema.Finite,
  /** What the value is of its sample; `total` of rates over the whole run. */
  statistic: Schema.Literals(["median", "mean", "total"]),
  /** Requests, repetitions or questions behind it, where the file tells. */
  n: Schema.optionalKey(Schema.Int),
  /** Standard deviation of the sample, in `unit`. */
  deviation: Schema.optionalKey(Schema.Finite),
  /** Standard error of the value, in `unit`. */
  error: Schema.optionalKey(Schema.Finite),
  /** Left out where there are too few requests to tell. */
  p95: Schema.optionalKey(Schema.Finite),
  /** In `unit`, as `p95`. */
  p99: Schema.optionalKey(Schema.Finite),
})
export type ImportedFigure = typeof ImportedFigure.Type

/** What a tool's file says of one run of one model. */
export const ImportedResult = Schema.Struct({
  /** As the tool names the model. */
  model: Schema.NonEmptyString,
  task: Task,
  /** What was asked, in a line. */
  workload: Schema.NonEmptyString,
  figures: Schema.Array(ImportedFigure),
  /** Figures of the file that were not taken over, each with its reason. */
  leftOut: Schema.Array(Schema.Struct({ name: Schema.NonEmptyString, reason: Schema.NonEmptyString })),
})
export type ImportedResult = typeof ImportedResult.Type

/** What one file of another tool says. Its figures were not measured by us: there are no samples behind them. */
export const ImportedFile = Schema.Struct({
  tool: Schema.NonEmptyString,
  /** Left out where the file does not tell. */
  version: Schema.optionalKey(Schema.NonEmptyString),
  /** When it was measured, where the file tells. */
  measuredAt: Schema.optionalKey(Schema.NonEmptyString),
  results: Schema.NonEmptyArray(ImportedResult),
})
export type ImportedFile = typeof ImportedFile.Type

/** An imported file in a workspace; the file itself is kept beside it, and all but its date and the model's given name comes from there. */
export const Imported = Schema.Struct({
  schema: Schema.Literal(1),
  /** The name of its folder. */
  id: Schema.NonEmptyString,
  importedAt: Schema.String,
  /** The kept file's name, and its SHA-256. */
  file: Schema.NonEmptyString,
  sha256: Schema.NonEmptyString,
  /** The model's name by who imported it: not every file tells it. */
  model: Schema.optionalKey(Schema.NonEmptyString),
  ...ImportedFile.fields,
}).annotate({ identifier: "Imported" })
export type Imported = typeof Imported.Type

/** Reads a tool's files. */
export interface Importer {
  readonly tool: string
  /** Whether a document is the tool's, by keys that no other tool writes together. */
  readonly owns: (document: Record<string, unknown>) => boolean
  /**
   * What its documents say: a file may hold several. Numbers that JSON has no word for are in them as texts: `NaN`,
   * `Infinity`, `-Infinity`. Fails with what is missing.
   */
  readonly read: (
    documents: readonly [Record<string, unknown>, ...ReadonlyArray<Record<string, unknown>>],
  ) => Result.Result<ImportedFile, string>
}
