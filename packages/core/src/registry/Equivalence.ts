import { RunRecord } from "../record/RunRecord.ts"
import type { Agreement } from "./Agreement.ts"

/** Two runs of one model that were asked the same, on engines, placements, options or files that differ. */
export interface Equivalence {
  /** Ordered by what they are, so that the order in which records were found does not matter. */
  readonly records: readonly [RunRecord, RunRecord]
  /** Whether the weights of both come from one file. Only then have the answers to be the same. */
  readonly sameWeights: boolean
  readonly agreement: Agreement
  /** Left out where there is nothing to judge by: other weights, or no agreement. */
  readonly disagree?: boolean
}
