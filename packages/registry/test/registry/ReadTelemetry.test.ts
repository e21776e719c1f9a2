import { assert, describe, it } from "@effect/vitest"
import type { TelemetryOpening } from "@rigbook/core"
import { thinned } from "../../src/registry/ReadTelemetry.ts"

const opening = (count: number): TelemetryOpening => ({
  opening: 0,
  at: "2025-10-02T10:15:00.000Z",
  periodMs: 100,
  problems: [],
  devices: new Map(),
  readings: Array.from({ length: count }, (_, index) => ({
    kind: "reading" as const,
    atMs: index * 100,
    own: { cpuMs: index, loopMs: index },
    engine: { cpuMs: index, rssBytes: index === 777 ? 9e9 : 1e9, threads: 4 },
  })),
  trials: [],
})

describe("thinned", () => {
  it("keeps few readings, in time, and the peak among them", () => {
    const { readings } = thinned(opening(5000))
    assert.isAtMost(readings.length, 120)
    assert.isAtLeast(readings.length, 100)
    assert.include(
      readings.map(({ engine }) => engine?.rssBytes),
      9e9,
    )
    const times = readings.map(({ atMs }) => atMs)
    assert.deepStrictEqual(
      times,
      times.toSorted((a, b) => a - b),
    )
  })

  it("leaves alone what is short", () => {
    const short = opening(100)
    assert.strictEqual(thinned(short), short)
  })
})
