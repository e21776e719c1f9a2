import type { Exit } from "@rigbook/core"
import { Cause, Effect, Option, Schema } from "effect"

/** How a plugin violates its contract, in a sentence for its author. */
export class Nonconformity extends Schema.TaggedError<Nonconformity>()("Nonconformity", {
  sentence: Schema.NonEmptyString,
}) {
  get exit(): Exit {
    return "failed"
  }

  override get message(): string {
    return this.sentence
  }
}

/** A case that could not run, and what is missing for it. */
export class NotRun extends Schema.TaggedError<NotRun>()("NotRun", { why: Schema.NonEmptyString }) {
  get exit(): Exit {
    return "failed"
  }
}

/** One requirement of a contract. */
export interface Case<R = never> {
  readonly name: string
  readonly check: Effect.Effect<void, Nonconformity | NotRun, R>
}

/** The result of a case. */
export type CaseResult =
  | { readonly name: string; readonly outcome: "passed" }
  /** With the sentence that says what is wrong. */
  | { readonly name: string; readonly outcome: "failed"; readonly sentence: string }
  /** With what is missing. */
  | { readonly name: string; readonly outcome: "not run"; readonly why: string }

export const violated = (sentence: string): Effect.Effect<never, Nonconformity> =>
  Effect.fail(new Nonconformity({ sentence }))

/** Fails with the sentence unless `holds`. */
export const must = (holds: boolean, sentence: string): Effect.Effect<void, Nonconformity> =>
  holds ? Effect.void : violated(sentence)

export const notRun = (why: string): Effect.Effect<never, NotRun> => Effect.fail(new NotRun({ why }))

/** Runs one case. A defect of the plugin is a failed case, too: nothing escapes from it. */
export const runCase = <R>({ check, name }: Case<R>): Effect.Effect<CaseResult, never, R> =>
  check.pipe(
    Effect.as<CaseResult>({ name, outcome: "passed" }),
    Effect.catchCause((cause): Effect.Effect<CaseResult> => {
      const error = Option.getOrUndefined(Cause.findErrorOption(cause))
      if (error?._tag === "NotRun") return Effect.succeed({ name, outcome: "not run", why: error.why })
      if (error !== undefined) return Effect.succeed({ name, outcome: "failed", sentence: error.sentence })
      return Effect.succeed({
        name,
        outcome: "failed",
        sentence: `The plugin threw instead of failing with a typed error or answering:\n${Cause.pretty(cause)}`,
      })
    }),
  )

/** Runs cases in their order, one after the other. */
export const runCases = <R>(cases: ReadonlyArray<Case<R>>): Effect.Effect<ReadonlyArray<CaseResult>, never, R> =>
  Effect.forEach(cases, runCase)
