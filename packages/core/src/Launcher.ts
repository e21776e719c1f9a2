import { type Effect, Schema } from "effect"
import type { Exit } from "./Failing.ts"
import type { CellOrder } from "./record/CellOrder.ts"
import type { RunLine } from "./record/RunLine.ts"

/** A cell could not be launched, or its result is unknown: what is wrong, and what to do. */
export class LaunchError extends Schema.TaggedError<LaunchError>()("LaunchError", {
  /** Id of the launcher. */
  launcher: Schema.NonEmptyString,
  detail: Schema.NonEmptyString,
  fix: Schema.NonEmptyString,
}) {
  get exit(): Exit {
    return "failed"
  }

  override get message(): string {
    return `${this.launcher}: ${this.detail} ${this.fix}`
  }
}

/**
 * Where cells run: in this process, on another machine, in a job of a cluster. One order is one load of the model.
 * Client and engine stay on one machine, so what runs there is Rigbook itself (`rigbook worker`).
 */
export interface Launcher<R = never> {
  readonly id: string
  /**
   * Runs a cell and calls `tell` with its lines, one after the other. Returns the id of its record, whose folder is then
   * in the workspace: with the record, or with only the journal if `until` ended the cell before. A failed cell is a
   * record, too. Fails with `LaunchError` if there is neither.
   */
  readonly run: (
    order: CellOrder,
    tell: (line: RunLine) => Effect.Effect<void>,
  ) => Effect.Effect<string, LaunchError, R>
}
