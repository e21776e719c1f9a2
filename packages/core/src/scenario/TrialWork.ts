import type { Load } from "./Load.ts"
import type { PlannedRequest } from "./PlannedRequest.ts"
import type { Completion } from "./Request.ts"
import type { Retry } from "./Retry.ts"
import type { Scored } from "./Scored.ts"
import type { Slo } from "./Slo.ts"

/** What one trial of a scenario sends, and how. */
export interface TrialWork {
  readonly requests: ReadonlyArray<PlannedRequest>
  readonly load?: Load
  readonly slo?: Slo
  readonly retry?: Retry
  /** Of quality: the result of the answers to all requests, in order; `undefined` if some are missing. */
  readonly score?: (completions: ReadonlyArray<Completion | undefined>) => Scored | undefined
}
