import { Schema } from "effect"
import { RunLine } from "../record/RunLine.ts"

/** The worker's lines, from the requested number on. Whole lines only: half of one comes with the next observation. */
const lines = Schema.Array(RunLine)

/**
 * How a unit ended.
 *
 * - `done`: the worker ended by itself and says what it measured. Records may be invalid.
 * - `failed`: the worker or its engine can't do it there. It is not tried again.
 * - `stopped`: it was ended from outside before it was done, as by a time limit. What it measured is kept; the next
 *   attempt measures the rest.
 * - `lost`: its machine is gone, or was restarted. The next attempt may run elsewhere.
 * - `cancelled`: by `cancel`, or by somebody else. It is never tried again by itself.
 */
export const Outcome = Schema.Literals(["done", "failed", "stopped", "lost", "cancelled"])
export type Outcome = typeof Outcome.Type

/**
 * Where a unit is now. Not what it measured: that is only in its records. Of its lines `kept` counts measured trials of an
 * interrupted run.
 */
export const Observation = Schema.Union([
  /** The host does not know a unit of this name. */
  Schema.Struct({ state: Schema.Literal("unknown") }),
  /** It is submitted and has not begun: what it waits for, in a sentence. */
  Schema.Struct({ state: Schema.Literal("waiting"), detail: Schema.NonEmptyString }),
  Schema.Struct({ state: Schema.Literal("running"), lines }),
  /** It has ended: nothing of it runs any more. `detail`: how, in a sentence; left out if it is done. */
  Schema.Struct({
    state: Schema.Literal("ended"),
    outcome: Outcome,
    detail: Schema.optionalKey(Schema.NonEmptyString),
    lines,
  }),
]).annotate({ identifier: "Observation" })
export type Observation = typeof Observation.Type
