import type { DivergeRequest, Request } from "./Request.ts"

/** One request of a trial. */
export interface PlannedRequest {
  /** The number of its (first) prompt in the set, from 0; its own number without a set. */
  readonly prompt: number
  readonly request: Request | DivergeRequest
  /** When to send it, in milliseconds from the start of the trial; left out if the engine sets the pace. */
  readonly atMs?: number
}
