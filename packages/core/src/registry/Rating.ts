import type { RunRecord } from "../record/RunRecord.ts"
import type { Criterion, UseCase } from "./RatingRules.ts"

/** What one criterion gave. Where the metric is missing there are no points: it is neither zero nor guessed. */
export interface CriterionResult {
  readonly metric: string
  readonly unit: string
  /** Exponent of its points in the score; only their ratios count. */
  readonly weight: number
  readonly scale: Criterion["points"]
  /** The value in `unit`; points from 0 to 1. */
  readonly result: { readonly value: number; readonly points: number } | { readonly absent: string }
}

/** Stars, from 1 to 5 in halves, with the range (`low` to `high`) that the intervals of the measured values leave. */
export interface Stars {
  readonly stars: number
  readonly low: number
  readonly high: number
  /** Weighted geometric mean of the points, from 0 to 1. */
  readonly score: number
  /** Share of the criteria's weight that was measured. */
  readonly coverage: number
  /** Quality was not measured: the stars speak of speed, and stop at the rules' bound. */
  readonly speedOnly: true
}

/** What a run is worth for a use case, and why. */
export interface Rating {
  readonly useCase: UseCase
  readonly record: RunRecord
  readonly criteria: ReadonlyArray<CriterionResult>
  readonly result: Stars | { readonly notRated: string }
}
