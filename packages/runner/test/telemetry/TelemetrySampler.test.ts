import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import type { ReportedFields } from "@rigbook/core"
import { readTelemetry } from "@rigbook/records"
import { Effect, Fiber, FileSystem, Schema } from "effect"
import { TestClock } from "effect/testing"
import { scriptedDevice } from "../../../testkit/src/FakeTelemetry.ts"
import { MemoryReader } from "../../src/host/MemorySampler.ts"
import { UsageReader } from "../../src/host/UsageReader.ts"
import { nextBeat, sampleTelemetry } from "../../src/telemetry/TelemetrySampler.ts"
import type { OpenSources } from "../../src/vendors/DeviceSources.ts"

const NONE: OpenSources = { sources: [], problems: ["NVML: there is none"] }
/** No process has such a number, and this one is there. */
const [GONE, OTHER] = [2 ** 30, process.ppid]

/** A machine on which each look finds 10 ms more of processor time. */
const counting = () => {
  let looks = 0
  const count = () => 10 * looks++
  return {
    host: () => ({ busyMs: count(), totalMs: 1000 }),
    process: (pid: number) => (pid === GONE ? undefined : { cpuMs: count(), threads: 2 }),
    own: () => ({ cpuMs: 0, loopMs: 0 }),
  }
}

/** What is in the file after a trial of so many milliseconds, on a test's own clock. */
const sampled = Effect.fnUntraced(function* (sources: OpenSources, tree: ReadonlyArray<number>, trialMs: number) {
  const fs = yield* FileSystem.FileSystem
  const folder = yield* fs.makeTempDirectoryScoped()
  const reader = {
    ...(yield* MemoryReader),
    tree: (roots: ReadonlyArray<number>) => (roots.length === 0 ? [] : tree),
    resident: () => 100,
  }
  const run = Effect.gen(function* () {
    const { during, watch } = yield* sampleTelemetry(folder, 3, sources)
    yield* watch([1])
    return yield* during({ phase: "measured", trial: 7 }, Effect.as(Effect.sleep(trialMs), "the trial's own result"))
  }).pipe(Effect.scoped, Effect.provideService(MemoryReader, reader), Effect.provideService(UsageReader, counting()))
  const fiber = yield* Effect.forkChild(run)
  // Files are written in real time: the clock goes on until the trial has ended.
  while (fiber.pollUnsafe() === undefined) {
    yield* TestClock.adjust("1 millis")
    yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
  }
  assert.strictEqual(yield* Fiber.join(fiber), "the trial's own result")
  const [opening] = yield* readTelemetry(folder)
  return opening!
})

describe("sampleTelemetry", () => {
  const live = <A, E>(effect: Effect.Effect<A, E, NodeServices.NodeServices | import("effect").Scope.Scope>) =>
    effect.pipe(Effect.provide(NodeServices.layer))

  it.effect("reads before the engine, ten times a second, and at the edges of a trial", () =>
    live(
      Effect.gen(function* () {
        const { opening, problems, readings, trials } = yield* sampled(NONE, [1], 1050)
        assert.deepStrictEqual([opening, problems], [3, NONE.problems])
        assert.notProperty(readings[0], "engine")
        const [{ first, last }] = trials as [(typeof trials)[0]]
        assert.deepInclude(trials[0], { phase: "measured", trial: 7 })
        // While the file is written, the sampler goes on.
        assert.isAtMost(last, readings.length - 1)
        assert.strictEqual(readings[last]!.atMs - readings[first]!.atMs, 1050)
        const inside = readings.slice(first + 1, last)
        assert.isAtLeast(inside.length, 10)
        // A busy machine may have put one off until the clock went on.
        assert.isAtLeast(inside.filter(({ atMs, lateMs }) => atMs % 100 === 0 && lateMs === 0).length, 8)
        for (const edge of [readings[first]!, readings[last]!]) assert.property(edge, "host")
      }),
    ),
  )

  it.effect("adds up the tree, and goes on counting a process that has ended", () =>
    live(
      Effect.gen(function* () {
        const { readings } = yield* sampled(NONE, [1, 2, GONE], 500)
        const used = readings.flatMap(({ engine }) => engine ?? [])
        assert.isTrue(used.every(({ rssBytes, threads }) => rssBytes === 200 && threads === 4))
        const times = used.map(({ cpuMs }) => cpuMs)
        assert.deepStrictEqual(
          times,
          times.toSorted((a, b) => a - b),
        )
      }),
    ),
  )

  it.effect("says whose the processes on a device are, and tells a change of what is absent once", () =>
    live(
      Effect.gen(function* () {
        let looks = 0
        const reported = (): ReportedFields => ({
          usedBytes: looks++ < 5 ? { value: 5 } : { absent: "lost" },
          processes: { value: [{ pid: 1, bytes: 7 }, { pid: GONE }, { pid: OTHER }] },
        })
        const { devices, readings } = yield* sampled(scriptedDevice("GPU-1", reported), [1], 900)
        assert.deepInclude(devices.get("GPU-1")?.absent, { usedBytes: "lost", powerW: "scripted: not reported" })
        assert.strictEqual(devices.get("GPU-1")?.source, "scripted")
        assert.deepStrictEqual(readings.at(-1)!.devices!["GPU-1" as never], {
          processes: [
            { pid: 1, bytes: 7, owner: "ours" },
            { pid: GONE, owner: "unknown" },
            { pid: OTHER, owner: "foreign" },
          ],
        })
      }),
    ),
  )

  it.effect("leaves what was read in the file when a trial is interrupted", () =>
    live(
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const folder = yield* fs.makeTempDirectoryScoped()
        const fiber = yield* Effect.forkChild(
          Effect.scoped(
            Effect.flatMap(sampleTelemetry(folder, 0, NONE), ({ during }) =>
              during({ phase: "warmup", trial: 0 }, Effect.never),
            ),
          ),
        )
        yield* Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 50)))
        yield* Fiber.interrupt(fiber)
        assert.isAtLeast((yield* readTelemetry(folder))[0]!.readings.length, 2)
      }),
    ),
  )

  it.effect("keeps its beat after a reading that came late", () =>
    live(
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const folder = yield* fs.makeTempDirectoryScoped()
        /** Blocks the whole process now and then, as a busy machine would. */
        const busy = Effect.gen(function* () {
          for (let turn = 0; turn < 5; turn++) {
            yield* Effect.sleep("170 millis")
            const until = performance.now() + 130
            while (performance.now() < until);
          }
        })
        yield* Effect.scoped(
          Effect.flatMap(sampleTelemetry(folder, 0, NONE), ({ during }) =>
            during({ phase: "measured", trial: 0 }, busy),
          ),
        ).pipe(TestClock.withLive)
        const readings = (yield* readTelemetry(folder))[0]!.readings
        const timed = readings.flatMap(({ atMs, lateMs }) => (lateMs === undefined ? [] : [{ atMs, lateMs }]))
        assert.isAtLeast(timed.length, 5)
        assert.isTrue(timed.some(({ lateMs }) => lateMs > 20))
        // Each was due at a whole 100 ms since the start, however late it came; a timer may be a little early.
        for (const { atMs, lateMs } of timed) {
          const due = atMs - lateMs
          assert.closeTo(due, 100 * Math.round(due / 100), 5)
        }
      }),
    ),
  )

  it.prop(
    "beats in whole periods, after what was due and after now",
    { dueBeats: Schema.Int, lateMs: Schema.Finite },
    ({ dueBeats, lateMs }) => {
      const dueMs = 100 * (Math.abs(dueBeats) % 10_000)
      const nowMs = dueMs + (Math.abs(lateMs) % 1e6)
      const next = nextBeat(dueMs, nowMs)
      assert.strictEqual(next % 100, 0)
      assert.isTrue(next > nowMs && next > dueMs && next <= Math.max(nowMs, dueMs) + 100)
    },
  )
})
