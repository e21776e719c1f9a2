/** How a command ends by a failure: it could not do its work, it was called wrongly, or the gate found a regression. */
export type Exit = "failed" | "usage" | "regression"

/** What all of Rigbook's failures share: how it ends a command, and what there is to show. */
export interface Failing extends Error {
  readonly exit: Exit
  /** The end of an engine's or installer's log. */
  readonly logTail?: ReadonlyArray<string>
  /** Each mistake by itself, where there are several. */
  readonly issues?: ReadonlyArray<object>
}

/** Whether an error says how it ends a command. Others, such as those of a file system, are failures like any. Pure. */
export const isFailing = (error: unknown): error is Failing =>
  error instanceof Error && "exit" in error && typeof error.exit === "string" && EXITS.has(error.exit)

const EXITS: ReadonlySet<string> = new Set<Exit>(["failed", "usage", "regression"])
