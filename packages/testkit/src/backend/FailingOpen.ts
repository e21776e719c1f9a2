import type { OpenInput, Reason, Request } from "@rigbook/core"
import { Effect, Exit, Result, Scope } from "effect"
import { must } from "../Conformance.ts"
import { isRunning, ownProcesses, stillThere } from "../Processes.ts"
import { ask } from "./Ask.ts"
import type { Bench } from "./Bench.ts"

/**
 * Opens what should fail, and sends `request` if that succeeds. Why it failed, or `undefined` if nothing failed.
 * Everything that was started must have ended afterwards.
 */
export const failingOpen = Effect.fnUntraced(function* <R>(
  bench: Bench<R>,
  input: OpenInput<unknown>,
  request?: Request,
) {
  const { limits } = yield* bench.subject
  const before = ownProcesses()
  const scope = yield* Scope.make()
  const opened = yield* Effect.result(bench.backend.open(input).pipe(Scope.provide(scope)))
  let failure: Reason | undefined
  if (Result.isFailure(opened)) failure = opened.failure.reason
  else if (request !== undefined) {
    const answered = yield* ask(opened.success, request, limits.answerMs)
    if (Result.isFailure(answered)) failure = answered.failure.reason
  }
  const started = ownProcesses().filter((pid) => !before.includes(pid))
  yield* Scope.close(scope, Exit.void)
  const left = yield* stillThere(started, isRunning, limits.endMs)
  yield* must(left.length === 0, leftBehind("An open that failed", left))
  return failure
})

export const leftBehind = (what: string, pids: ReadonlyArray<number>): string =>
  `${what} leaves processes behind: ${pids.join(", ")}. Start engines with engineProcess, in the scope of open.`
