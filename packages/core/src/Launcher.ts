import { type Effect, Schema } from "effect"
import type { Exit } from "./Failing.ts"
import type { CellOrder } from "./record/CellOrder.ts"
import type { RunLine } from "./record/RunLine.ts"

/** A cell could not be launched, or what became of it is not known: what is wrong, and what to do. */
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
 * Where cells are run: in this process, on another machine, in a job of a cluster. One order is one loading of the model.
 * Client and engine stay on one machine, so what runs there is Rigbook itself (`rigbook worker`), whatever carries it.
 */
export interface Launcher<R = never> {
  readonly id: string
  /**
   * Runs a cell and hands its lines to `tell`, each when the one before was taken. Gives the id of its record, whose folder
   * is in the workspace by then: with the record, or with the journal alone where `until` ended it before. A cell that
   * fails is a record, too. Fails with `LaunchError` where there is neither.
   */
  readonly run: (
    order: CellOrder,
    tell: (line: RunLine) => Effect.Effect<void>,
  ) => Effect.Effect<string, LaunchError, R>
}
