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

/** Where long work says how far it is. Silent unless the program gives it a voice. */
export class Progress extends Context.Reference<(event: ProgressEvent) => Effect.Effect<void>>("rigbook/Progress", {
  defaultValue: () => () => Effect.void,
}) {}

/** Tells whoever listens how far a long piece of work is. */
export const report = (event: ProgressEvent): Effect.Effect<void> => Effect.flatMap(Progress, (tell) => tell(event))
