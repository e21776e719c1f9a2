import type { DivergeRequest, Request } from "./Request.ts"

/** One request of a trial. */
export interface PlannedRequest {
  /** The number of its (first) prompt in the set, from 0; its own number without a set. */
  readonly prompt: number
  readonly request: Request | DivergeRequest
  /**
   * Its turn of a conversation, from 0: it is sent with all messages before it, and the answers that the model gave.
   */
  readonly turn?: number
  /** When to send it, in milliseconds from the start of the trial; left out if the engine sets the pace. */
  readonly atMs?: number
}
