import { DeviceId } from "../../src/host/Host.ts"
import {
  type DeviceReading,
  deviceReading,
  type DeviceSource,
  type ToldFields,
} from "../../src/telemetry/DeviceReading.ts"
import type { OpenSources } from "../../src/telemetry/DeviceSources.ts"
import type { TelemetryLine, TelemetryOpening, TelemetryReading } from "../../src/telemetry/TelemetryFile.ts"

/** Sources of one device whose values a test may change while it is read. */
export const scriptedDevice = (id: string, told: () => ToldFields): OpenSources => {
  const read = (): ReadonlyArray<DeviceReading> => [deviceReading(DeviceId.make(id), told(), "scripted: not told")]
  const source: DeviceSource = { name: "scripted", read }
  return { sources: [source], problems: [] }
}

/** A reading `n` tenths of a second after the start: the engine and we use half a core each, of four. */
export const telemetryReading = (n: number, change: Partial<TelemetryReading> = {}): TelemetryReading => ({
  kind: "reading",
  atMs: 100 * n,
  lateMs: 0.5,
  own: { cpuMs: 50 * n, loopMs: 50 * n },
  host: { busyMs: 100 * n, totalMs: 400 * n },
  engine: { cpuMs: 50 * n, rssBytes: 1000, threads: 4 },
  ...change,
})

/** An opening whose measured trials, one after the other, have eleven readings each: a second. */
export const telemetryOpening = (
  trials: number,
  reading: (n: number) => TelemetryReading = telemetryReading,
  change: Partial<TelemetryOpening> = {},
): TelemetryOpening => ({
  opening: 0,
  at: "2026-01-01T00:00:00.000Z",
  periodMs: 100,
  problems: [],
  devices: new Map(),
  readings: Array.from({ length: 1 + 11 * trials }, (_, n) => reading(n)),
  trials: Array.from({ length: trials }, (_, trial) => ({
    phase: "measured",
    trial,
    first: 1 + 11 * trial,
    last: 11 + 11 * trial,
  })),
  ...change,
})

/** Lines as they stand in a file. */
export const telemetryText = (lines: ReadonlyArray<TelemetryLine>): string =>
  lines.map((line) => `${JSON.stringify(line)}\n`).join("")
