import {
  DeviceId,
  type DeviceReading,
  deviceReading,
  type DeviceSource,
  type TelemetryOpening,
  type TelemetryReading,
  type ReportedFields,
  type TrialTelemetry,
} from "@rigbook/core"
import type { TelemetryLine } from "@rigbook/records"
import type { OpenSources } from "@rigbook/runner"
import { gpuId } from "./FakeHosts.ts"

/** Sources of one device whose values a test may change while it is read. */
export const scriptedDevice = (id: string, reported: () => ReportedFields): OpenSources => {
  const read = (): ReadonlyArray<DeviceReading> => [
    deviceReading(DeviceId.make(id), reported(), "scripted: not reported"),
  ]
  const source: DeviceSource = { name: "scripted", read }
  return { sources: [source], problems: [] }
}

/** A reading `n` tenths of a second after the start: the engine and Rigbook use half a core each, of four. */
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

/** Lines as in a file. */
export const telemetryText = (lines: ReadonlyArray<TelemetryLine>): string =>
  lines.map((line) => `${JSON.stringify(line)}\n`).join("")

/** What was read in six seconds of a trial on one GPU that reports everything. */
export const fakeTelemetry = (): TrialTelemetry => {
  const at = (n: number, usedBytes: number): TelemetryReading =>
    telemetryReading(10 * n, {
      devices: {
        [gpuId(0)]: {
          usedBytes,
          freeBytes: 2 ** 34 - usedBytes,
          utilization: 0.5,
          smClockMhz: 2000,
          temperatureC: 50 + n,
          powerW: 200,
          powerCapW: 575,
          energyJ: 1000 + 200 * n,
          limits: [],
          processes: [{ pid: 1, bytes: usedBytes, owner: "ours" }],
        },
      },
    })
  return {
    idle: at(0, 2 ** 20),
    readings: Array.from({ length: 7 }, (_, n) => at(n, 2 ** 30)),
    placed: [gpuId(0)],
    whyAbsent: (device, field) => `${device} does not report ${field}`,
  }
}
