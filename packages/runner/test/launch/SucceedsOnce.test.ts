import { assert, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { succeedsOnce } from "../../src/launch/SucceedsOnce.ts"

it.effect("tries again what failed or was interrupted, and keeps what succeeded", () =>
  Effect.gen(function* () {
    let calls = 0
    const facts = succeedsOnce(
      Effect.suspend(() => {
        calls++
        return calls === 1 ? Effect.fail("away") : calls === 2 ? Effect.never : Effect.succeed(calls)
      }),
    )
    assert.strictEqual(yield* Effect.flip(facts), "away")
    const waiting = yield* Effect.forkChild(facts)
    yield* Effect.yieldNow
    yield* Fiber.interrupt(waiting)
    assert.deepStrictEqual(yield* Effect.all([facts, facts], { concurrency: "unbounded" }), [3, 3])
    assert.strictEqual(calls, 3)
  }),
)
