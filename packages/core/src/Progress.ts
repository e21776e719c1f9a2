import { Context, Effect } from "effect"

/** A step that takes a while. `done` of `total` when its size is known. */
export interface ProgressEvent {
  /** Names the step: events of the same step replace each other on a terminal. */
  readonly step: string
  readonly detail?: string
  readonly done?: number
  readonly total?: number
  readonly unit?: "B" | "steps"
  readonly finished?: boolean
  /** It has ended, and not well: what went wrong, and what to do, is its detail. */
  readonly failed?: boolean
}

/** Receives the progress of long work. Silent unless the program provides a receiver. */
export class Progress extends Context.Reference<(event: ProgressEvent) => Effect.Effect<void>>("rigbook/Progress", {
  defaultValue: () => () => Effect.void,
}) {}

/** Reports the progress of long work. */
export const report = (event: ProgressEvent): Effect.Effect<void> => Effect.flatMap(Progress, (tell) => tell(event))
