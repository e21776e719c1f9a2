import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { untilReady } from "../../../src/engine/process/Readiness.ts"

const engine = (exited: Effect.Effect<number> = Effect.never) => ({ exited })
/** A check that fails so many times before it succeeds. */
const readyAfter = (failures: number) => {
  let turn = 0
  return Effect.suspend(() => (turn++ < failures ? Effect.fail("not yet") : Effect.succeed(turn)))
}

describe("untilReady", () => {
  it.effect("asks every 50 ms until the engine answers", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.forkChild(untilReady(engine(), 60_000, readyAfter(10)))
      yield* TestClock.adjust(499)
      assert.isUndefined(fiber.pollUnsafe())
      yield* TestClock.adjust(1)
      assert.strictEqual(yield* Fiber.join(fiber), 11)
    }),
  )

  it.effect("gives up when the engine has ended", () =>
    Effect.gen(function* () {
      const ended = yield* Deferred.make<number>()
      const fiber = yield* Effect.forkChild(
        Effect.flip(untilReady(engine(Deferred.await(ended)), 60_000, Effect.fail("no"))),
      )
      yield* TestClock.adjust(1000)
      yield* Deferred.succeed(ended, 127)
      assert.deepStrictEqual(yield* Fiber.join(fiber), { _tag: "EndedEarly", exitCode: 127 })
    }),
  )

  it.effect("gives up when it takes too long", () =>
    Effect.gen(function* () {
      for (const check of [Effect.fail("no"), Effect.never]) {
        const fiber = yield* Effect.forkChild(Effect.flip(untilReady(engine(), 60_000, check)))
        yield* TestClock.adjust(59_999)
        assert.isUndefined(fiber.pollUnsafe())
        yield* TestClock.adjust(1)
        assert.deepStrictEqual(yield* Fiber.join(fiber), { _tag: "NotReady", afterMs: 60_000 })
      }
    }),
  )

  it.effect("asks again when a check hangs", () =>
    Effect.gen(function* () {
      let turn = 0
      const check = Effect.suspend(() => (turn++ === 0 ? Effect.never : Effect.succeed("there")))
      const fiber = yield* Effect.forkChild(untilReady(engine(), 60_000, check))
      yield* TestClock.adjust(5050)
      assert.strictEqual(yield* Fiber.join(fiber), "there")
    }),
  )
})
