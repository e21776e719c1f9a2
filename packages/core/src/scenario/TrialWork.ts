import type { Load } from "./Load.ts"
import type { PlannedRequest } from "./PlannedRequest.ts"
import type { Retry } from "./Retry.ts"
import type { Slo } from "./Slo.ts"

/** What one trial of a scenario sends, and how. */
export interface TrialWork {
  readonly requests: ReadonlyArray<PlannedRequest>
  readonly load?: Load
  readonly slo?: Slo
  readonly retry?: Retry
}
