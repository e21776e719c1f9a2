import { type Backend, Vendors } from "@rigbook/core"
import { presentVendors } from "@rigbook/runner"
import { Effect, type Layer, type Scope } from "effect"
import type { BackendSubject } from "./backend/BackendSubject.ts"
import { makeBench, once } from "./backend/Bench.ts"
import { endingCases } from "./backend/EndingCases.ts"
import { planningCases } from "./backend/PlanningCases.ts"
import { runtimeCases } from "./backend/RuntimeCases.ts"
import { sessionCases } from "./backend/SessionCases.ts"
import { type Case, type CaseResult, runCases } from "./Conformance.ts"
import { registerSuite } from "./Suite.ts"

const backendCases = <Config, E, R, R2>(
  backend: Backend<Config, R>,
  subject: Effect.Effect<BackendSubject, E, R2 | Scope.Scope>,
): ReadonlyArray<Case<R | R2 | Scope.Scope>> => {
  const bench = makeBench(backend, subject)
  const cases = [
    ...planningCases(bench),
    ...runtimeCases(bench),
    ...bench.backend.tasks.flatMap((task) => sessionCases(bench, task)),
    ...endingCases(bench),
  ]
  return cases.map(({ check, name }) => ({ name, check: Effect.provideServiceEffect(check, Vendors, vendors) }))
}

const vendors = once(presentVendors)

/**
 * Registers the conformance suite of a backend with vitest: call it at the top of a test file. `subject` says what
 * to test it with, and is made once; if that fails, every case fails. The engine is opened once for each task,
 * and again for what uses a session up.
 */
export const backendSuite = <Config, E, E2, R>(
  backend: Backend<Config, R>,
  services: Layer.Layer<R, E2>,
  subject: Effect.Effect<BackendSubject, E, R | Scope.Scope>,
): void => registerSuite(`backend ${backend.id}`, backendCases(backend, subject), services)

/** The same cases without vitest: their results, in order. */
export const checkBackend = <Config, E, R, R2>(
  backend: Backend<Config, R>,
  subject: Effect.Effect<BackendSubject, E, R2 | Scope.Scope>,
): Effect.Effect<ReadonlyArray<CaseResult>, never, Exclude<R | R2, Scope.Scope>> =>
  Effect.scoped(runCases(backendCases(backend, subject)))
