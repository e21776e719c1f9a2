import type { Exit } from "@rigbook/core"
import { unknownName } from "@rigbook/records"
import { Schema, String } from "effect"

/** How a command failed: the message, and the exit code. */
export class Failure extends Schema.TaggedError<Failure>()("Failure", {
  message: Schema.NonEmptyString,
  exit: Schema.Literals(["failed", "usage", "regression"]),
}) {}

/** Exit codes, as the design has them. */
export const EXIT = { done: 0, failed: 1, usage: 2, regression: 3, interrupted: 130 } as const satisfies Record<
  Exit | "done" | "interrupted",
  number
>

export const usageFailure = (message: string): Failure => new Failure({ message, exit: "usage" })

/** A name that is none of the known ones; `next` is a sentence on what to do. */
export const unknownFailure = (what: string, name: string, known: ReadonlyArray<string>, next?: string): Failure => {
  const text = String.capitalize(unknownName(what, name, known))
  return usageFailure(next === undefined ? text : `${text.replace(/[^?]$/, "$&.")} ${next}`)
}
