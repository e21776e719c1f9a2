import type { DeviceField, DeviceValues } from "../host/DeviceReading.ts"
import type { DeviceId } from "../host/Host.ts"
import type { CellSpec } from "./RunRecord.ts"
import type { Sample } from "./Sample.ts"
import type { TelemetryOpening, TelemetryReading } from "./TelemetryOpening.ts"

/** What was read while one trial ran. */
export interface TrialTelemetry {
  /** From the trial's start to its end, both included: two or more. */
  readonly readings: ReadonlyArray<TelemetryReading>
  /** Before the engine of this trial was started. */
  readonly idle: TelemetryReading
  /** The GPUs of the placement. */
  readonly placed: ReadonlyArray<DeviceId>
  /** Why a device does not report a value. */
  readonly whyAbsent: (device: DeviceId, field: DeviceField) => string
}

/** The GPUs of a cell's placement. */
export const placedGpus = ({ host, placement }: Pick<CellSpec, "host" | "placement">): ReadonlyArray<DeviceId> =>
  host.devices.filter(({ id, kind }) => kind === "gpu" && placement.devices.includes(id)).map(({ id }) => id)

/** The telemetry of a trial; `undefined` if there is none, or it is incomplete. */
export const trialTelemetry = (
  openings: ReadonlyArray<TelemetryOpening>,
  { opening, phase, trial }: Pick<Sample, "opening" | "phase" | "trial">,
  placed: ReadonlyArray<DeviceId>,
): TrialTelemetry | undefined => {
  const found = openings.find((candidate) => candidate.opening === opening)
  const part = found?.trials.find((candidate) => candidate.phase === phase && candidate.trial === trial)
  if (found === undefined || part === undefined) return undefined
  return {
    readings: found.readings.slice(part.first, part.last + 1),
    idle: found.readings[0]!,
    placed,
    whyAbsent: (device, field) =>
      found.devices.get(device)?.absent[field] ?? ([...found.problems, "this device was not read"][0] as string),
  }
}

/** A value of a device over time; readings without it are left out. */
export const seriesOf = (
  readings: ReadonlyArray<TelemetryReading>,
  device: DeviceId,
  value: (values: DeviceValues) => number | undefined,
): ReadonlyArray<{ readonly atMs: number; readonly value: number }> =>
  readings.flatMap(({ atMs, devices }) => {
    const values = devices?.[device]
    const found = values === undefined ? undefined : value(values)
    return found === undefined ? [] : [{ atMs, value: found }]
  })

/** Memory that the engine's processes hold on a device; `undefined` if none of them is listed with its memory. */
export const engineBytes = ({ processes = [] }: DeviceValues): number | undefined => {
  const ours = processes.flatMap(({ bytes, owner }) => (owner === "ours" && bytes !== undefined ? [bytes] : []))
  return ours.length === 0 ? undefined : ours.reduce((sum, bytes) => sum + bytes, 0)
}

/** The mean of a value over time, by trapezoids between its readings. Not for an empty series. */
export const meanOverTime = (series: ReadonlyArray<{ readonly atMs: number; readonly value: number }>): number => {
  const span = series.at(-1)!.atMs - series[0]!.atMs
  return span === 0 ? series[0]!.value : areaOf(series) / span
}

/** The integral of a value over time, by trapezoids: its unit times milliseconds. */
export const areaOf = (series: ReadonlyArray<{ readonly atMs: number; readonly value: number }>): number => {
  let area = 0
  for (let i = 1; i < series.length; i++)
    area += ((series[i]!.value + series[i - 1]!.value) / 2) * (series[i]!.atMs - series[i - 1]!.atMs)
  return area
}
