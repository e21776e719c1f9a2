import { Effect, Exit, type Layer, ManagedRuntime, Scope } from "effect"
import { afterAll, describe, it } from "vitest"
import { type Case, runCase } from "./Conformance.ts"

/** Generous, because the first case may install an engine and load a model. */
const TIMEOUT = 900_000

/**
 * Registers cases with vitest, in their order: a failed case throws its sentence, and one that could not run is
 * shown as skipped, with the reason. Shared resources live as long as the suite.
 */
export const registerSuite = <R, E>(
  title: string,
  cases: ReadonlyArray<Case<R | Scope.Scope>>,
  services: Layer.Layer<R, E>,
): void => {
  describe(`conformance of ${title}`, { concurrent: false, shuffle: false, timeout: TIMEOUT }, () => {
    const runtime = ManagedRuntime.make(services)
    const scope = Scope.makeUnsafe()
    afterAll(async () => {
      await runtime.runPromise(Scope.close(scope, Exit.void))
      await runtime.dispose()
    }, TIMEOUT)
    for (const each of cases)
      it(`${each.name}`, async ({ skip }) => {
        const result = await runtime.runPromise(Effect.provideService(runCase(each), Scope.Scope, scope))
        if (result.outcome === "failed") throw new Error(result.sentence)
        if (result.outcome === "not run") skip(`not run: ${result.why}`)
      })
  })
}
