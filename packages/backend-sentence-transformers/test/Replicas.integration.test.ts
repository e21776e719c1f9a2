import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { CPU, type EmbedRequest, type Observer } from "@rigbook/core"
import { Effect, Fiber, Schedule } from "effect"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import { sentenceTransformers } from "../src/SentenceTransformers.ts"
import { groupMembers } from "./groupMembers.ts"
import { documents } from "./MiniLm.ts"
import { openTwice } from "./openTwice.ts"

/** Documents that take minutes. */
const MANY = 20_000

const silent: Observer = { sent: () => {}, chunk: () => {} }
const embed = (texts: ReadonlyArray<string>, batchSize = 16): EmbedRequest => ({ task: "embed", texts, batchSize })

/** The replicas in the process group of an engine: children that Python spawned. */
const replicasIn = (group: number) => groupMembers(group).filter(({ args }) => args.includes("spawn_main"))

const gone = (group: number) =>
  Effect.sync(() => groupMembers(group)).pipe(
    Effect.repeat({ until: (left) => left.length === 0, schedule: Schedule.spaced("50 millis") }),
  )

describe("replicas", () => {
  // One engine for all of it: opening it takes the processor half a minute.
  it.live("make the vectors that one process makes, say where each is, and end together when one is killed", () => {
    let group = 0
    return Effect.gen(function* () {
      const texts = documents(64)
      const { input, placement, session } = yield* openTwice
      group = session.pids[0]!
      assert.lengthOf(replicasIn(group), 2)
      assert.deepStrictEqual(session.effective.devices, [CPU])
      assert.deepInclude(session.effective.settings, {
        ...sentenceTransformers.placement!.requested!(input.config, placement),
        replicas: 2,
        threads: 1,
        dtype: "float32",
      })
      assert.approximately(session.effective.buffers[0]!.bytes / input.model.weightBytes, 1, 0.001)
      const alone = yield* sentenceTransformers.open(input)
      // One text a pass: with more, other texts beside it change the last bits.
      const [two, one] = [yield* session.send(embed(texts, 1), silent), yield* alone.send(embed(texts, 1), silent)]
      assert.deepStrictEqual(two.vectors, one.vectors)
      assert.strictEqual(two.inputTokens, one.inputTokens)
      assert.isAbove(two.timings!.callMs!, 0)

      const long = yield* Effect.forkChild(session.send(embed(documents(MANY), 32), silent))
      yield* Effect.sleep("1 second")
      yield* Fiber.interrupt(long)
      const start = performance.now()
      assert.deepInclude((yield* session.send(embed(["next"]), silent)).vectors, { count: 1, dimensions: 384 })
      const wholeMs = (MANY / texts.length) * two.timings!.callMs!
      assert.isBelow(performance.now() - start, wholeMs / 4, "what was interrupted does not continue")

      const sending = yield* Effect.forkChild(Effect.flip(session.send(embed(documents(MANY)), silent)))
      yield* Effect.sleep("1 second")
      process.kill(replicasIn(group)[0]!.pid, "SIGKILL")
      const { reason } = yield* Fiber.join(sending)
      assert.deepInclude(reason, { _tag: "Crashed", exitCode: 137 })
      assert.match(reason.detail, /The replica in process \d+ ended with exit code -9/)
      yield* gone(group)
    }).pipe(
      Effect.scoped,
      Effect.tap(() => Effect.sync(() => assert.deepStrictEqual(groupMembers(group), []))),
      Effect.provide(NodeServices.layer),
    )
  })

  it.live("are gone when the program that opened them is killed", () =>
    Effect.gen(function* () {
      const child = spawn(
        process.execPath,
        ["--conditions=@rigbook/source", fileURLToPath(new URL("keepReplicas.ts", import.meta.url))],
        {
          stdio: ["ignore", "pipe", "inherit"],
        },
      )
      yield* Effect.addFinalizer(() => Effect.sync(() => child.kill("SIGKILL")))
      const [said] = (yield* Effect.promise(() => once(child.stdout, "data"))) as [Buffer]
      const group = Number(said.toString())
      assert.lengthOf(replicasIn(group), 2)
      child.kill("SIGKILL")
      yield* gone(group)
    }).pipe(Effect.scoped),
  )
})
