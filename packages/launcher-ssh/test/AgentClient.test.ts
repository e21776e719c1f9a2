import { assert, describe, it } from "@effect/vitest"
import { HostAway } from "@rigbook/core"
import { Cause, Effect, Fiber, Queue } from "effect"
import { connectAgent } from "../src/AgentClient.ts"
import type { Dialogue } from "../src/Remote.ts"

const away = new HostAway({ host: "far", detail: "it can't be reached.", fix: "Run it again." })

/** A machine whose agent is started again and again; what it answers is up to the test. */
const machine = Effect.gen(function* () {
  const started: Array<{
    readonly requests: Queue.Queue<{ readonly id: number; readonly command: string }>
    readonly print: (line: string) => void
    readonly cut: () => void
  }> = []
  const start = Effect.gen(function* () {
    const requests = yield* Queue.unbounded<{ readonly id: number; readonly command: string }>()
    const printed = yield* Queue.unbounded<string, HostAway>()
    started.push({
      requests,
      print: (line) => Queue.offerUnsafe(printed, line),
      cut: () => Queue.failCauseUnsafe(printed, Cause.fail(away)),
    })
    const dialogue: Dialogue = {
      write: (line) => Queue.offerUnsafe(requests, JSON.parse(line) as { id: number; command: string }),
      read: Queue.take(printed),
    }
    return dialogue
  })
  const { ask } = yield* connectAgent("far", start)
  return { ask, started }
})

const answer = (id: number, answered: unknown) => JSON.stringify({ id, answer: answered })

describe("requests to the agent", () => {
  it.live("are answered in any order, each with its own answer; what nobody waits for is thrown away", () =>
    Effect.gen(function* () {
      const { ask, started } = yield* machine
      const [first, second] = [yield* Effect.forkScoped(ask("a", {})), yield* Effect.forkScoped(ask("b", {}))]
      const { print, requests } = started[0]!
      const [one, two] = [yield* Queue.take(requests), yield* Queue.take(requests)]
      for (const line of [answer(99, "none"), answer(two.id, two.command), answer(two.id, "again")]) print(line)
      assert.strictEqual(yield* Fiber.join(second), "b")
      print(answer(one.id, one.command))
      assert.strictEqual(yield* Fiber.join(first), "a")
      assert.lengthOf(started, 1)
    }).pipe(Effect.scoped),
  )

  it.live("all fail when the connection breaks; the next starts the agent again, once for all", () =>
    Effect.gen(function* () {
      const { ask, started } = yield* machine
      const open = [yield* Effect.forkScoped(ask("a", {})), yield* Effect.forkScoped(ask("b", {}))]
      for (const _ of open) yield* Queue.take(started[0]!.requests)
      started[0]!.cut()
      for (const each of open) assert.strictEqual(yield* Effect.flip(Fiber.join(each)), away)
      const again = [yield* Effect.forkScoped(ask("a", {})), yield* Effect.forkScoped(ask("b", {}))]
      while (started.length === 1) yield* Effect.sleep(1)
      const { print, requests } = started[1]!
      for (const _ of again) yield* Effect.map(Queue.take(requests), ({ command, id }) => print(answer(id, command)))
      assert.deepStrictEqual(yield* Effect.forEach(again, (each) => Fiber.join(each)), ["a", "b"])
      assert.lengthOf(started, 2)
    }).pipe(Effect.scoped),
  )

  it.live("fail with what was wrong if the answer is none", () =>
    Effect.gen(function* () {
      const { ask, started } = yield* machine
      const open = yield* Effect.forkScoped(ask("a", {}))
      yield* Queue.take(started[0]!.requests)
      started[0]!.print("Segmentation fault")
      const failed = yield* Effect.flip(Fiber.join(open))
      assert.match(failed.message, /far: its answer is no answer/)
    }).pipe(Effect.scoped),
  )
})
