import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { HttpFailure } from "../../../src/engine/process/HttpFailure.ts"
import { untilLoaded } from "../../../src/engine/server/UntilLoaded.ts"

const refusal = (change: { readonly status?: number; readonly retryAfterS?: number } = {}) =>
  new HttpFailure({ path: "/v1/models", kind: "refused", status: 503, detail: "any words", ...change })
const down = new HttpFailure({ path: "/v1/models", kind: "unreachable", detail: "ECONNREFUSED" })

/** What comes of a server that fails like this until `readyMs`, and after how many milliseconds. */
const waited = (failure: HttpFailure, readyMs: number, waitMs: number) =>
  Effect.gen(function* () {
    const begun = yield* Clock.currentTimeMillis
    const age = Effect.map(Clock.currentTimeMillis, (now) => now - begun)
    const request = Effect.flatMap(age, (ms) =>
      ms < readyMs ? Effect.fail(failure) : Effect.succeed("ready" as const),
    )
    const fiber = yield* Effect.forkChild(Effect.result(untilLoaded(request, waitMs)))
    for (let step = 0; step < 400 && fiber.pollUnsafe() === undefined; step++) yield* TestClock.adjust("100 millis")
    const result = yield* Fiber.join(fiber)
    return { outcome: result._tag === "Success" ? result.success : result.failure._tag, ms: yield* age }
  })

describe("untilLoaded", () => {
  it.effect("waits for a server that answers 503 or 429, up to the given time", () =>
    Effect.gen(function* () {
      for (const status of [503, 429])
        assert.strictEqual((yield* waited(refusal({ status }), 10_000, 60_000)).outcome, "ready")
      const late = yield* waited(refusal(), 10_000, 4_000)
      assert.strictEqual(late.outcome, "StillLoading")
      assert.isAtMost(late.ms, 4_000)
    }),
  )

  it.effect("heeds Retry-After, and does not wait in vain for one that exceeds the time", () =>
    Effect.gen(function* () {
      const heeded = yield* waited(refusal({ retryAfterS: 5 }), 1_000, 60_000)
      assert.deepStrictEqual(heeded, { outcome: "ready", ms: 5_000 })
      const beyond = yield* waited(refusal({ retryAfterS: 120 }), 1_000, 60_000)
      assert.strictEqual(beyond.outcome, "StillLoading")
      assert.isBelow(beyond.ms, 1_000)
    }),
  )

  it.effect("gives one that does not listen yet a few seconds, and any other failure none", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* waited(down, 1_000, 60_000)).outcome, "ready")
      const never = yield* waited(down, 60_000, 60_000)
      assert.strictEqual(never.outcome, "HttpFailure")
      assert.isAtMost(never.ms, 3_100)
      const other = yield* waited(refusal({ status: 404 }), 1_000, 60_000)
      assert.deepStrictEqual(other, { outcome: "HttpFailure", ms: 100 })
      assert.strictEqual((yield* waited(refusal(), 1_000, 0)).outcome, "HttpFailure")
    }),
  )
})
