import type { Load } from "./Load.ts"
import type { PlannedRequest } from "./PlannedRequest.ts"
import type { Retry } from "./Retry.ts"
import type { Scored } from "./Scored.ts"
import type { Slo } from "./Slo.ts"

/** What one trial of a scenario sends, and how. */
export interface TrialWork {
  readonly requests: ReadonlyArray<PlannedRequest>
  readonly load?: Load
  readonly slo?: Slo
  readonly retry?: Retry
  /** Of quality: what the vectors of all requests, in their order, come to; `undefined` where some are missing. */
  readonly score?: (
    calls: ReadonlyArray<{ readonly count: number; readonly dimensions: number; readonly base64: string }>,
  ) => Scored | undefined
}
