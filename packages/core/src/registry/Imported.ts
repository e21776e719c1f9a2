import { type Result, Schema } from "effect"
import { Task } from "../model/Model.ts"

/** One figure that another tool measured; all of its numbers but `n` are in its `unit`. */
export const ImportedFigure = Schema.Struct({
  /** The tool's name for it. */
  name: Schema.NonEmptyString,
  unit: Schema.NonEmptyString,
  better: Schema.Literals(["lower", "higher"]),
  /** Rigbook's metric with the same definition. */
  metric: Schema.optionalKey(Schema.NonEmptyString),
  /** How it differs from Rigbook's, if no metric has the same definition. */
  difference: Schema.optionalKey(Schema.NonEmptyString),
  /** In `unit`. */
  value: Schema.Finite,
  /** What the value is of its sample; `total` of rates over the whole run. */
  statistic: Schema.Literals(["median", "mean", "total"]),
  /** Requests, repetitions or questions behind it, if the file says so. */
  n: Schema.optionalKey(Schema.Int),
  /** Standard deviation of the sample, in `unit`. */
  deviation: Schema.optionalKey(Schema.Finite),
  /** Standard error of the value, in `unit`. */
  error: Schema.optionalKey(Schema.Finite),
  /** Left out if there are too few requests. */
  p95: Schema.optionalKey(Schema.Finite),
  /** In `unit`, as `p95`. */
  p99: Schema.optionalKey(Schema.Finite),
})
export type ImportedFigure = typeof ImportedFigure.Type

/** What a tool's file says of one run of one model. */
export const ImportedResult = Schema.Struct({
  /** The tool's name for the model. */
  model: Schema.NonEmptyString,
  task: Task,
  /** The workload, in a line. */
  workload: Schema.NonEmptyString,
  figures: Schema.Array(ImportedFigure),
  /** Figures of the file that were not imported, each with its reason. */
  leftOut: Schema.Array(Schema.Struct({ name: Schema.NonEmptyString, reason: Schema.NonEmptyString })),
})
export type ImportedResult = typeof ImportedResult.Type

/** What one file of another tool says. Its figures were not measured by Rigbook: there are no samples for them. */
export const ImportedFile = Schema.Struct({
  tool: Schema.NonEmptyString,
  /** Left out if the file does not state it. */
  version: Schema.optionalKey(Schema.NonEmptyString),
  /** When it was measured, if the file states it. */
  measuredAt: Schema.optionalKey(Schema.NonEmptyString),
  results: Schema.NonEmptyArray(ImportedResult),
})
export type ImportedFile = typeof ImportedFile.Type

/**
 * An imported file in a workspace; the file itself is kept beside it, and all but its date and the model's given name
 * comes from there.
 */
export const Imported = Schema.Struct({
  schema: Schema.Literal(1),
  /** The name of its folder. */
  id: Schema.NonEmptyString,
  importedAt: Schema.String,
  /** The stored file's name, and its SHA-256. */
  file: Schema.NonEmptyString,
  sha256: Schema.NonEmptyString,
  /** The model's name given at import: not every file states it. */
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
