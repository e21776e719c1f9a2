import { assert, describe, it } from "@effect/vitest"
import { monitorEventLoopDelay, performance } from "node:perf_hooks"
import { loopReadings } from "../../../src/engine/process/LoopReadings.ts"

const SLEPT_MS = 20

describe("loopReadings", () => {
  it("counts as busy what the loop was kept by, but not what it slept on its own", () => {
    const delay = monitorEventLoopDelay()
    const before = performance.eventLoopUtilization()
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, SLEPT_MS)
    const kept = loopReadings(delay, before).utilization
    const slept = loopReadings(delay, before, SLEPT_MS).utilization
    assert.strictEqual(kept, 1)
    assert.isBelow(slept, kept)
    assert.isAtLeast(slept, 0)
  })
})
