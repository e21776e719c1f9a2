import type { FailureKind, Session } from "@rigbook/core"
import { backendError, Crashed, Refused, requestFailed, trialWork } from "@rigbook/core"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { fakeLog, type FakeOptions, fakeOptions, fakeSession } from "../../../testkit/src/FakeBackend.ts"
import { fakePrompts, protocol, scenario } from "../../../testkit/src/FakeCell.ts"
import { ClientMonitor } from "../../src/run/ClientMonitor.ts"
import { runTrial, type TrialInput } from "../../src/run/Trial.ts"

export const latency = (outputTokens: number, requests = 1) =>
  trialWork(scenario({ kind: "latency", prompts: "fake-prompts", requests, outputTokens }), fakePrompts, "").requests

export const input = (options: Partial<FakeOptions>, change: Partial<TrialInput> = {}): TrialInput => ({
  backend: "fake",
  session: fakeSession(fakeOptions(options), fakeLog()),
  requests: latency(4),
  protocol: protocol({ requestTimeoutMs: 60_000, stallTimeoutMs: 5_000 }),
  trial: 3,
  phase: "measured",
  opening: 1,
  loadMs: 77,
  ...change,
})

/** The trial's outcome after at most ten minutes of the test's own clock. */
export const outcome = Effect.fnUntraced(function* (trial: TrialInput) {
  const fiber = yield* Effect.forkChild(runTrial(trial))
  yield* TestClock.adjust("10 minutes")
  return yield* Fiber.join(fiber)
})

export const READINGS = { delayP99Ms: 0.2, delayMaxMs: 3, utilization: 0.1, cpuMs: 12 }

/** The outcome of a trial under a load, with these readings of the client. */
export const loaded = (trial: TrialInput) =>
  Effect.provideService(outcome(trial), ClientMonitor, Effect.succeed(Effect.succeed(READINGS)))

export const work = (of: object): Partial<TrialInput> =>
  trialWork(scenario({ prompts: "fake-prompts", outputTokens: 3, cache: "repeated", ...of }), fakePrompts, "m")

export const CLOSED = { kind: "concurrency", streams: 2, requests: 5, slo: { ttft: 10 } }

/** Fails the requests with these numbers, in the order in which they come, in these ways. */
export const failing = (kinds: Readonly<Record<number, FailureKind>>): Session => {
  const session = fakeSession(fakeOptions({ firstMs: 10, tokenMs: 5 }), fakeLog())
  let count = 0
  return {
    ...session,
    send: (request, observer) => {
      const kind = kinds[count++]
      const status = kind === "refused" ? { status: 429 } : {}
      if (kind === undefined) return session.send(request, observer)
      return kind === "engine"
        ? Effect.fail(backendError("fake")(new Crashed({ detail: "It ended.", fix: "Read its log." })))
        : Effect.fail(requestFailed("fake")(new Refused({ detail: "No.", fix: "Ask again." }), { kind, ...status }))
    },
  }
}
