import { Context } from "effect"
import { monitorEventLoopDelay, performance } from "node:perf_hooks"
import type { ClientReadings } from "./Sample.ts"

/** Starts to watch this process, and gives what ends it and tells what was seen. */
export class ClientMonitor extends Context.Reference<() => () => ClientReadings>("rigbook/ClientMonitor", {
  defaultValue: () => () => {
    const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
    const before = performance.eventLoopUtilization()
    const cpu = process.cpuUsage()
    delay.enable()
    return () => {
      delay.disable()
      const { system, user } = process.cpuUsage(cpu)
      return {
        delayP99Ms: late(delay.percentile(99)),
        delayMaxMs: late(delay.max),
        utilization: performance.eventLoopUtilization(before).utilization,
        cpuMs: (system + user) / 1e3,
      }
    }
  },
}) {}

const RESOLUTION_MS = 10

/** The histogram holds nanoseconds from tick to tick, the tick's own length included. */
const late = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS)
