import { assert, describe, it } from "@effect/vitest"
import type { Load } from "@rigbook/core"
import type { PlannedRequest } from "@rigbook/core"
import { Clock, Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { sendAll } from "../../src/run/Load.ts"

const planned = (prompt: number, atMs?: number): PlannedRequest => ({
  prompt,
  request: { task: "generate", prompt: { text: "" }, outputTokens: 1 },
  ...(atMs === undefined ? {} : { atMs }),
})

/** When each request began and ended, as `prompt: from-to`; a request takes `ms(prompt)`, and `stopAt` ends it all. */
const sent = Effect.fnUntraced(function* (
  load: Load,
  requests: ReadonlyArray<PlannedRequest>,
  ms: (prompt: number) => number,
  stopAt?: number,
) {
  const clock = yield* Clock.Clock
  const now = () => clock.currentTimeMillisUnsafe()
  const log: Array<string> = []
  const send = ({ prompt }: PlannedRequest, index: number) =>
    Effect.gen(function* () {
      const from = now()
      yield* Effect.sleep(ms(prompt))
      log[index] = `${prompt}: ${from}-${now()}`
      return prompt !== stopAt
    })
  const fiber = yield* Effect.forkChild(sendAll({ load, requests, now, send }))
  yield* TestClock.adjust("1 hour")
  yield* Fiber.join(fiber)
  return log
})
const many = (count: number) => Array.from({ length: count }, (_, index) => planned(index))

describe("a closed loop", () => {
  it.effect("sends the next request when one has ended, and never more at once than it has streams", () =>
    Effect.gen(function* () {
      const log = yield* sent({ kind: "streams", streams: 2 }, many(5), (prompt) => (prompt === 0 ? 100 : 30))
      assert.deepStrictEqual(log, ["0: 0-100", "1: 0-30", "2: 30-60", "3: 60-90", "4: 90-120"])
    }),
  )

  it.effect("starts four streams a millisecond, lest they wait for each other", () =>
    Effect.gen(function* () {
      const log = yield* sent({ kind: "streams", streams: 10 }, many(10), () => 50)
      assert.deepStrictEqual(
        log.map((line) => Number(/: (\d+)-/.exec(line)![1])),
        [0, 0, 0, 0, 1, 1, 1, 1, 2, 2],
      )
    }),
  )

  it.effect("ends when a request says so, and lets running ones finish", () =>
    Effect.gen(function* () {
      const log = yield* sent({ kind: "streams", streams: 2 }, many(9), (prompt) => 10 + prompt, 2)
      assert.deepStrictEqual(log, ["0: 0-10", "1: 0-11", "2: 10-22", "3: 11-24"])
    }),
  )

  it.effect("continues for a time, and lets running ones finish", () =>
    Effect.gen(function* () {
      const at = (index: number) => planned(index * 10)
      const log = yield* sent({ kind: "soak", streams: 2, durationMs: 100, at }, [], () => 40)
      assert.deepStrictEqual(log, ["0: 0-40", "10: 0-40", "20: 40-80", "30: 40-80", "40: 80-120", "50: 80-120"])
    }),
  )
})

describe("an open loop", () => {
  it.effect("sends each request at its time, whether the others have ended or not", () =>
    Effect.gen(function* () {
      const requests = [planned(0, 0), planned(1, 10), planned(2, 10), planned(3, 500)]
      const log = yield* sent({ kind: "arrivals" }, requests, (prompt) => (prompt === 0 ? 10_000 : 5))
      assert.deepStrictEqual(log, ["0: 0-10000", "1: 10-15", "2: 10-15", "3: 500-505"])
    }),
  )

  it.effect("sends no more when a request says that it is over", () =>
    Effect.gen(function* () {
      const log = yield* sent({ kind: "arrivals" }, [planned(0, 0), planned(1, 10), planned(2, 20)], () => 5, 0)
      assert.deepStrictEqual(log, ["0: 0-5"])
    }),
  )
})
