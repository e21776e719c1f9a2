import type { RunRecord } from "../record/RunRecord.ts"
import type { Criterion, UseCase } from "./RatingRules.ts"

/** The result of one criterion. If the metric is missing there are no points: it is neither zero nor guessed. */
export interface CriterionResult {
  readonly metric: string
  readonly unit: string
  /** Exponent of its points in the score; only their ratios count. */
  readonly weight: number
  readonly scale: Criterion["points"]
  /** The value in `unit`; points from 0 to 1. */
  readonly result: { readonly value: number; readonly points: number } | { readonly absent: string }
}

/** Stars, from 1 to 5 in halves, with the range (`low` to `high`) from the intervals of the measured values. */
export interface Stars {
  readonly stars: number
  readonly low: number
  readonly high: number
  /** Weighted geometric mean of the points, from 0 to 1. */
  readonly score: number
  /** Share of the criteria's weight that was measured. */
  readonly coverage: number
}

/** A figure of quality, and the record that it comes from: another than the rated one, of the same file, engine and cache. */
export interface QualityResult {
  readonly metric: string
  readonly unit: string
  readonly dataset?: string
  /** The value in `unit`; points from 0 to 1, at both ends of its interval `low` and `high`. */
  readonly result:
    | {
        readonly value: number
        readonly points: number
        readonly low: number
        readonly high: number
        readonly record: string
      }
    | { readonly absent: string }
}

/** The rating of a run for a use case, with reasons. */
export interface Rating {
  readonly useCase: UseCase
  readonly record: RunRecord
  readonly criteria: ReadonlyArray<CriterionResult>
  /** Where all are absent, stars rate speed only, and stop at the rules' bound. */
  readonly quality: ReadonlyArray<QualityResult>
  readonly result: Stars | { readonly notRated: string }
}
