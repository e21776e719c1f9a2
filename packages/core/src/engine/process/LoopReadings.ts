import { type EventLoopUtilization, type monitorEventLoopDelay, performance } from "node:perf_hooks"

/** How busy the event loop of one thread was. */
export interface LoopReadings {
  /** By how much timers of the thread were late, in milliseconds. */
  readonly delayP99Ms: number
  readonly delayMaxMs: number
  /** Share of the time that its event loop was busy. */
  readonly utilization: number
}

/** The resolution of the event loop delay histogram: shorter delays are not recorded. */
export const RESOLUTION_MS = 10

/**
 * What this thread's histogram has recorded, and its loop's use since `before`; in that time it slept `restedMs` by
 * choice.
 */
export const loopReadings = (
  delay: ReturnType<typeof monitorEventLoopDelay>,
  before: EventLoopUtilization,
  restedMs = 0,
): LoopReadings => {
  const { active, idle } = performance.eventLoopUtilization(before)
  return {
    delayP99Ms: late(delay.percentile(99)),
    delayMaxMs: late(delay.max),
    utilization: active === 0 ? 0 : (active - restedMs) / (active + idle),
  }
}

/** The histogram holds nanoseconds from tick to tick, the tick's own length included. */
const late = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS)
