import { Schema } from "effect"

/**
 * A summary of a cell's measured trials, one number per trial. All are in the metric's unit (`median`,
 * `mean`, `min`, `max`, `low`, `high`, `meanLow`, `meanHigh`, `mad`) but `n`, `cv` and `confidence`, a share.
 *
 * `low` and `high` are order statistics of the trials and hold the true median with at least
 * `confidence`; they are left out below six trials, where no pair reaches 95 %.
 */
export const Summary = Schema.Struct({
  n: Schema.Int,
  median: Schema.Finite,
  mean: Schema.Finite,
  min: Schema.Finite,
  max: Schema.Finite,
  low: Schema.optionalKey(Schema.Finite),
  high: Schema.optionalKey(Schema.Finite),
  confidence: Schema.optionalKey(Schema.Finite),
  /** The mean's interval by Student's t, with 95 % confidence. Left out for a single trial. */
  meanLow: Schema.optionalKey(Schema.Finite),
  meanHigh: Schema.optionalKey(Schema.Finite),
  /** Median absolute deviation from the median, not scaled. */
  mad: Schema.optionalKey(Schema.Finite),
  /** Coefficient of variation: sample standard deviation / mean. Left out for a single trial. */
  cv: Schema.optionalKey(Schema.Finite),
}).annotate({ identifier: "Summary" })

export type Summary = typeof Summary.Type
