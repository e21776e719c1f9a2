import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { spawn } from "node:child_process"
import { sampleTelemetry } from "../src/telemetry/TelemetrySampler.ts"
import type { OpenSources } from "../src/vendors/DeviceSources.ts"
import { openNvml } from "../src/vendors/Nvml.ts"
import { fakeNvml } from "../test/fakes/nvml.ts"

const SECONDS = 20
/** Until what runs often is compiled. */
const WARMUP = 5

const cpuMs = (): number => {
  const { system, user } = process.cpuUsage()
  return (system + user) / 1000
}

/** Processor time of this process while it samples ten times a second, in percent of one core. */
const cost = Effect.fnUntraced(function* (sources: OpenSources | undefined, roots: ReadonlyArray<number>) {
  const fs = yield* FileSystem.FileSystem
  const folder = yield* fs.makeTempDirectoryScoped()
  const measured = Effect.gen(function* () {
    yield* Effect.sleep(`${WARMUP} seconds`)
    const before = cpuMs()
    yield* Effect.sleep(`${SECONDS} seconds`)
    return (100 * (cpuMs() - before)) / (1000 * SECONDS)
  })
  if (sources === undefined) return yield* measured
  return yield* Effect.scoped(
    Effect.gen(function* () {
      const { during, watch } = yield* sampleTelemetry(folder, 0, sources)
      yield* watch(roots)
      return yield* during({ phase: "measured", trial: 0 }, measured)
    }),
  )
})

/** What sampling costs beside the measured work, over what this process costs when it only waits. */
describe("telemetry sampler at 10 Hz", () => {
  it.live(
    "in percent of one core",
    () =>
      Effect.gen(function* () {
        const children = yield* Effect.acquireRelease(
          Effect.sync(() => Array.from({ length: 4 }, () => spawn("sleep", ["1000"], { stdio: "ignore" }))),
          (started) => Effect.sync(() => started.forEach((child) => child.kill())),
        )
        const tree = [process.pid, ...children.map(({ pid }) => pid!)]
        const none: OpenSources = { sources: [], problems: [] }
        const nvml: OpenSources = { sources: [yield* openNvml(yield* fakeNvml())], problems: [] }
        const idle = yield* cost(undefined, [])
        const processes = yield* cost(none, tree)
        const all = yield* cost(nvml, tree)
        assert.isBelow(all - idle, 1, "percent of one core")
        const share = (percent: number): string => `${(percent - idle).toFixed(2)} %`
        console.log(
          `of one core: the machine and 5 processes by /proc ${share(processes)},`,
          `with two GPUs by NVML (fake library) ${share(all)}; wanted: below 1 %`,
        )
      }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)),
    120_000,
  )
})
