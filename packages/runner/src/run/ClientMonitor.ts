import type { ClientReadings } from "@rigbook/core"
import { ClientThreads, type LoopReadings, loopReadings, RESOLUTION_MS } from "@rigbook/core/engine"
import { Context, Effect } from "effect"
import { monitorEventLoopDelay, performance } from "node:perf_hooks"

/**
 * Starts to monitor the load generator, and returns what ends that and reports what it observed: of the threads that
 * read answers, the busiest one; of this thread, if there are none.
 */
export class ClientMonitor extends Context.Reference<Effect.Effect<Effect.Effect<ClientReadings>>>(
  "rigbook/ClientMonitor",
  {
    defaultValue: () =>
      Effect.gen(function* () {
        const threads = yield* ClientThreads
        const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
        const before = performance.eventLoopUtilization()
        const cpu = process.cpuUsage()
        delay.enable()
        for (const thread of threads) thread.watch()
        return Effect.gen(function* () {
          delay.disable()
          const { system, user } = process.cpuUsage(cpu)
          const reported = yield* Effect.forEach(threads, (thread) => Effect.promise(thread.readings))
          const loops = reported.length === 0 ? [loopReadings(delay, before)] : reported
          return { ...busiest(loops), cpuMs: (system + user) / 1e3 }
        })
      }),
  },
) {}

const busiest = (loops: ReadonlyArray<LoopReadings>): LoopReadings => {
  const largest = (of: (readings: LoopReadings) => number) => Math.max(...loops.map(of))
  return {
    delayP99Ms: largest(({ delayP99Ms }) => delayP99Ms),
    delayMaxMs: largest(({ delayMaxMs }) => delayMaxMs),
    utilization: largest(({ utilization }) => utilization),
  }
}
