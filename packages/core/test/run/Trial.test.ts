import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import type { Session } from "../../src/Backend.ts"
import { ttft } from "../../src/metrics/Generation.ts"
import { runTrial, type TrialInput } from "../../src/run/Trial.ts"
import { trialWork } from "../../src/workload/TrialWork.ts"
import { fakePrompts, protocol, scenario } from "../fakes/cells.ts"
import { type FakeOptions, fakeLog, fakeOptions, fakeSession } from "../fakes/fakeBackend.ts"

const latency = (outputTokens: number, requests = 1) =>
  trialWork(scenario({ kind: "latency", prompts: "fake-prompts", requests, outputTokens }), fakePrompts, "").requests
const BATCH = scenario({ kind: "batch", prompts: "fake-prompts", documents: 5, batchSize: 2 })
const batch = trialWork(BATCH, fakePrompts, "").requests

const input = (options: Partial<FakeOptions>, change: Partial<TrialInput> = {}): TrialInput => ({
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
const outcome = Effect.fnUntraced(function* (trial: TrialInput) {
  const fiber = yield* Effect.forkChild(runTrial(trial))
  yield* TestClock.adjust("10 minutes")
  return yield* Fiber.join(fiber)
})

describe("runTrial", () => {
  it.effect("stamps requests and chunks to the digit", () =>
    Effect.gen(function* () {
      const { error, sample } = yield* outcome(input({ firstMs: 123, tokenMs: 7 }, { requests: latency(4, 2) }))
      assert.isUndefined(error)
      const [first, second] = sample.requests
      assert.deepStrictEqual(
        { sentMs: first!.sentMs, chunkMs: first!.chunkMs, endMs: first!.endMs },
        { sentMs: 0, chunkMs: [123, 130, 137, 144], endMs: 144 },
      )
      assert.deepStrictEqual([second!.sentMs, ...second!.chunkMs], [144, 267, 274, 281, 288])
      assert.deepStrictEqual([first!.prompt, second!.prompt], [0, 1])
      assert.deepStrictEqual(ttft.measure(sample), { value: 123 })
    }),
  )

  it.effect("keeps what the engine told, and which trial it was", () =>
    Effect.gen(function* () {
      const { sample } = yield* outcome(input({ cachedTokens: 9 }))
      assert.deepInclude(sample, { trial: 3, phase: "measured", opening: 1, loadMs: 77 })
      assert.deepInclude(sample.requests[0], {
        outcome: "ok",
        inputTokens: 100,
        outputTokens: 4,
        requestedTokens: 4,
        cachedTokens: 9,
        finish: "length",
      })
      assert.match(sample.requests[0]!.textSha256!, /^[0-9a-f]{64}$/)
      assert.notProperty(sample.requests[0], "text")
      assert.strictEqual(sample.memory.absent, "the backend names no process")
    }),
  )

  it.effect("measures time to first token from when the request was sent, not from when the session was asked", () =>
    Effect.gen(function* () {
      const session: Session = {
        ...fakeSession(fakeOptions({}), fakeLog()),
        send: (_, observer) =>
          Effect.gen(function* () {
            yield* Effect.sleep(1000)
            observer.sent()
            yield* Effect.sleep(50)
            observer.chunk(1)
            return { outputTokens: 1 }
          }),
      }
      const { sample } = yield* outcome(input({}, { session }))
      assert.deepStrictEqual(ttft.measure(sample), { value: 50 })
      assert.deepInclude(sample.requests[0], { sentMs: 1000, endMs: 1050 })
    }),
  )

  it.effect("tells the tokens of each chunk only when some chunk had more than one", () =>
    Effect.gen(function* () {
      const { sample: several } = yield* outcome(input({ perChunk: 3 }, { requests: latency(8) }))
      assert.deepStrictEqual(several.requests[0]!.chunkTokens, [3, 3, 2])
      const { sample: single } = yield* outcome(input({}, { requests: latency(8) }))
      assert.notProperty(single.requests[0], "chunkTokens")
    }),
  )

  it.effect("loses no chunk of long answers", () =>
    Effect.gen(function* () {
      const { sample } = yield* outcome(input({ tokenMs: 2, perChunk: 2 }, { requests: latency(5000) }))
      const { chunkMs, chunkTokens } = sample.requests[0]!
      assert.deepStrictEqual(
        chunkMs,
        Array.from({ length: 2500 }, (_, index) => 1 + 2 * index),
      )
      assert.deepStrictEqual(
        chunkTokens,
        Array.from({ length: 2500 }, () => 2),
      )
    }),
  )

  it.effect("ends at an error, and keeps it with what was seen until then", () =>
    Effect.gen(function* () {
      const log = fakeLog()
      const session = fakeSession(fakeOptions({ crashAt: 1 }), log)
      const { error, sample } = yield* outcome(input({}, { session, requests: latency(4, 3) }))
      assert.strictEqual(error?.reason._tag, "Crashed")
      assert.deepStrictEqual(
        sample.requests.map((request) => request.outcome),
        ["ok", "error"],
      )
      assert.deepInclude(sample.requests[1], { error: "The engine ended.", chunkMs: [], requestedTokens: 4 })
      assert.strictEqual(log.requests, 2)
    }),
  )
})

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

  it.effect("counts the deadlines of each request anew", () =>
    Effect.gen(function* () {
      const { error, sample } = yield* outcome(input({ firstMs: 4500, tokenMs: 4500 }, { requests: latency(5, 4) }))
      assert.isUndefined(error)
      assert.strictEqual(sample.requests.length, 4)
    }),
  )
})
