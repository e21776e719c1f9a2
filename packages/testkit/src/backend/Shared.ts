import type { Effect, Scope } from "effect"
import type { Nonconformity, NotRun } from "../Conformance.ts"
import type { Observed } from "./Ask.ts"
import type { Opened } from "./Bench.ts"

/** A working opening, and the result of its first request: shared by all cases that only read it. */
export interface Shared<R> {
  readonly opened: Effect.Effect<Opened, Problem, R | Scope.Scope>
  readonly observed: Effect.Effect<Observed, Problem, R | Scope.Scope>
}

type Problem = Nonconformity | NotRun
