import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, Fiber, FileSystem } from "effect"
import { execa } from "execa"
import { join } from "node:path"
import { syntheticSet } from "../../../../records/src/workspace/PromptSet.ts"
import { runTrial } from "../../../../runner/src/run/Trial.ts"
import { protocol, scenario } from "../../../../testkit/src/FakeCell.ts"
import { trialWork } from "../../../src/scenario/Scenario.ts"
import { compile, readTruth, SERVER_SOURCE, syntheticServer } from "../../models/synthetic/SyntheticServer.ts"

const STREAMS = 8
const TOKENS = 20
/** Longer than the answers take, so that a thread that is blocked so long would see them all at once, at its end. */
const BLOCKED_MS = 3_000

layer(NodeServices.layer, { excludeTestServices: true })("a thread that reads answers", (it) => {
  it.effect("puts the true times on chunks that come while the main thread is blocked", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const folder = yield* fs.makeTempDirectoryScoped()
      const log = join(folder, "truth.jsonl")
      const program = yield* compile(SERVER_SOURCE, folder, "synthd")
      const { error, sample } = yield* Effect.gen(function* () {
        const options = ["--ttft", "500:uniform:0.1", "--itl", "50:uniform:0.1", "--seed", "5"]
        const { session } = yield* syntheticServer(program, log, options)
        const trial = (phase: "warmup" | "measured") => {
          const shape = { kind: "concurrency", streams: STREAMS, requests: STREAMS, outputTokens: TOKENS }
          return runTrial({
            backend: "synthetic",
            session,
            ...trialWork(scenario({ ...shape, prompts: { tokens: 5 } }), syntheticSet, `${phase}-0`),
            protocol: protocol({}),
            trial: 0,
            phase,
            opening: 0,
            loadMs: 0,
          })
        }
        yield* trial("warmup")
        const measuring = yield* Effect.forkChild(trial("measured"))
        yield* Effect.sleep(100) // all are on their way
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BLOCKED_MS)
        return yield* Fiber.join(measuring)
      }).pipe(Effect.scoped)
      assert.isUndefined(error)
      const truth = yield* readTruth(log)
      const off = sample.requests.flatMap(({ chunkMs, sentMs }, index) => {
        const { t_last: last, t_req: requested, t_tok1: first } = truth.get(`measured-0-${index}`)!
        const decode = chunkMs.at(-1)! - chunkMs[0]!
        assert.strictEqual(chunkMs.length, TOKENS)
        return [chunkMs[0]! - sentMs - (first - requested) / 1e6, decode - (last - first) / 1e6].map(Math.abs)
      })
      // A busy machine may hold any thread up; but not for as long as the main thread was.
      assert.isBelow(
        off.toSorted((a, b) => a - b)[off.length >> 1]!,
        BLOCKED_MS / 10,
        "ms that half of the times were off",
      )
      assert.isBelow(sample.client!.delayP99Ms, BLOCKED_MS / 2, "its own loop is what was watched")
      assert.isTrue(
        sample.requests.every(({ endMs }) => endMs < BLOCKED_MS),
        "ends are its to stamp, too",
      )
    }),
  )

  it.effect("can be closed while it starts: Node would abort the whole program", () =>
    Effect.gen(function* () {
      const program = join(import.meta.dirname, "closeThreads.ts")
      const { exitCode, signal, stdout } = yield* Effect.promise(() =>
        execa(process.execPath, ["--conditions=@rigbook/source", program], { reject: false }),
      )
      assert.deepStrictEqual({ exitCode, signal, stdout }, { exitCode: 0, signal: undefined, stdout: "60" })
    }),
  )
})
