import { Schema } from "effect"

/** An end of a command that is not success: what to tell, and the exit code. */
export class Failure extends Schema.TaggedError<Failure>()("Failure", {
  message: Schema.NonEmptyString,
  exitCode: Schema.Int,
}) {}

/** Exit codes, as the design has them. */
export const EXIT = { done: 0, failed: 1, usage: 2, regression: 3, interrupted: 130 } as const

export const usageFailure = (message: string): Failure => new Failure({ message, exitCode: EXIT.usage })
