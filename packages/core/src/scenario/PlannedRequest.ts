import type { Request } from "./Request.ts"

/** One request of a trial. */
export interface PlannedRequest {
  /** The place of its (first) prompt in the set, from 0; its own number where there is no set. */
  readonly prompt: number
  readonly request: Request
  /** When it is to be sent, in milliseconds from the start of the trial; left out where the engine sets the pace. */
  readonly atMs?: number
}
