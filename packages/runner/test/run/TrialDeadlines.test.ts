import { assert, describe, it } from "@effect/vitest"
import { type Session, trialWork } from "@rigbook/core"
import { Effect } from "effect"
import { fakeLog, fakeOptions, fakeSession } from "../../../testkit/src/FakeBackend.ts"
import { fakePrompts, protocol, scenario } from "../../../testkit/src/FakeCell.ts"
import type { TrialInput } from "../../src/run/Trial.ts"
import { input, latency, outcome } from "./trials.ts"

const BATCH = scenario({ kind: "batch", prompts: "fake-prompts", documents: 5, batchSize: 2 })
const batch = trialWork(BATCH, fakePrompts, "").requests

describe("deadlines of runTrial", () => {
  const timesOut = Effect.fnUntraced(function* (trial: TrialInput, says: string, notBefore: number, by: number) {
    const { error, sample } = yield* outcome(trial)
    assert.strictEqual(error?.reason._tag, "TimedOut")
    assert.strictEqual(error?.reason.detail, says)
    const last = sample.requests.at(-1)!
    assert.strictEqual(last.outcome, "timeout")
    assert.isTrue(last.endMs >= notBefore && last.endMs <= by, `ended at ${last.endMs}`)
    return last
  })

  it.effect("ends a request that never answers", () =>
    timesOut(input({ hangAt: 0 }), "The engine sent nothing for 5 s.", 5000, 6000),
  )

  it.effect("has a deadline of its own for the first token, and says which was missed", () =>
    Effect.gen(function* () {
      const hasty = protocol({ requestTimeoutMs: 60_000, stallTimeoutMs: 5_000, firstTokenTimeoutMs: 500 })
      const first = input({ firstMs: 501 }, { protocol: hasty })
      const last = yield* timesOut(first, "The engine sent nothing for 0.5 s.", 500, 500)
      assert.strictEqual(last.failure, "no-first-token")
      const patient = input({ firstMs: 499, tokenMs: 5001 }, { protocol: hasty })
      const stalled = yield* timesOut(patient, "The engine sent nothing for 5 s.", 5499, 5499)
      assert.strictEqual(stalled.failure, "stalled")
    }),
  )

  it.effect("gives a long prompt longer, unless a deadline for the first token is given", () =>
    Effect.gen(function* () {
      const prompt = { text: "four".repeat(3_400) }
      const requests = [{ prompt: 0, request: { task: "generate", prompt, outputTokens: 2 } }] as const
      const { error } = yield* outcome(input({ firstMs: 54_999 }, { requests }))
      assert.isUndefined(error)
      yield* timesOut(input({ hangAt: 0 }, { requests }), "The engine sent nothing for 55 s.", 55_000, 56_000)
      const given = protocol({ requestTimeoutMs: 60_000, stallTimeoutMs: 5_000, firstTokenTimeoutMs: 500 })
      const own = input({ hangAt: 0 }, { requests, protocol: given })
      yield* timesOut(own, "The engine sent nothing for 0.5 s.", 500, 1_000)
      const slow = input(
        { firstMs: 1, tokenMs: 4_000 },
        { requests: [{ prompt: 0, request: { ...requests[0].request, outputTokens: 1_000 } }] },
      )
      yield* timesOut(slow, "The engine did not finish a request for 110 s.", 110_000, 110_000)
    }),
  )

  it.effect("ends a request that falls silent in the middle, and keeps its chunks", () =>
    Effect.gen(function* () {
      const silent: Session = {
        ...fakeSession(fakeOptions({}), fakeLog()),
        send: (_, observer) =>
          Effect.gen(function* () {
            observer.sent()
            yield* Effect.sleep(4000)
            observer.chunk(1)
            return yield* Effect.never
          }),
      }
      const last = yield* timesOut(input({}, { session: silent }), "The engine sent nothing for 5 s.", 9000, 10_000)
      assert.deepStrictEqual(last.chunkMs, [4000])
    }),
  )

  it.effect("lets a slow engine go on as long as it writes", () =>
    Effect.gen(function* () {
      const { error, sample } = yield* outcome(input({ firstMs: 4900, tokenMs: 4900 }, { requests: latency(10) }))
      assert.isUndefined(error)
      assert.strictEqual(sample.requests[0]!.chunkMs.length, 10)
    }),
  )

  it.effect("ends a request that takes too long as a whole", () =>
    timesOut(
      input({ tokenMs: 4000 }, { requests: latency(1000) }),
      "The engine did not finish a request for 60 s.",
      60_000,
      60_000,
    ),
  )

  it.effect("does not take an embedding call's silence for a stall, but ends one that hangs", () =>
    Effect.gen(function* () {
      const { error, sample } = yield* outcome(input({ firstMs: 59_000 }, { requests: batch }))
      assert.isUndefined(error)
      const { documents, endMs, outcome: how } = sample.requests[0]!
      assert.deepStrictEqual({ documents, endMs, how }, { documents: 5, endMs: 59_000, how: "ok" })
      yield* timesOut(
        input({ hangAt: 0 }, { requests: batch }),
        "The engine did not finish a request for 60 s.",
        60_000,
        60_000,
      )
    }),
  )

  it.effect("counts the deadlines of each request afresh", () =>
    Effect.gen(function* () {
      const { error, sample } = yield* outcome(input({ firstMs: 4500, tokenMs: 4500 }, { requests: latency(5, 4) }))
      assert.isUndefined(error)
      assert.strictEqual(sample.requests.length, 4)
    }),
  )
})
