import { RunRecord } from "../record/RunRecord.ts"
import type { Agreement } from "./Agreement.ts"

/** Two runs of one model with the same requests, on different engines, placements, options or files. */
export interface Equivalence {
  /** Ordered by what they are, so that the order in which records were found does not matter. */
  readonly records: readonly [RunRecord, RunRecord]
  /** Whether the weights of both come from one file. Only then must the answers be the same. */
  readonly sameWeights: boolean
  readonly agreement: Agreement
  /** Left out if it can't be judged: other weights, or no agreement. */
  readonly disagree?: boolean
}
