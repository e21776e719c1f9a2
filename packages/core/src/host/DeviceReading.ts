import { Schema } from "effect"
import type { DeviceId } from "./Host.ts"

/** What can throttle a GPU's clock, by NVML's names for the bits of its clocks event reasons. */
export const ClockLimit = Schema.Literals([
  "idle",
  "application-clocks",
  "power-cap",
  "hw-slowdown",
  "sync-boost",
  "sw-thermal",
  "hw-thermal",
  "hw-power-brake",
  "display-clock",
])
export type ClockLimit = typeof ClockLimit.Type

/** A process that computes on a device. */
export const DeviceProcess = Schema.Struct({
  pid: Schema.Int,
  /** Device memory that it holds; left out if the driver does not report it per process. */
  bytes: Schema.optionalKey(Schema.Finite),
  /**
   * `ours`: of the engine. `foreign`: of this machine, and not of the engine. `unknown`: no process has this
   * number here: the driver may use another PID namespace (a container), or it has just ended.
   */
  owner: Schema.optionalKey(Schema.Literals(["ours", "foreign", "unknown"])),
})
export type DeviceProcess = typeof DeviceProcess.Type

/** What a device reports at one moment. What it does not report is left out. */
export const DeviceValues = Schema.Struct({
  usedBytes: Schema.optionalKey(Schema.Finite),
  freeBytes: Schema.optionalKey(Schema.Finite),
  /** Share of the driver's last sampling period (1/6 to 1 s) in which some kernel ran, 0 to 1. */
  utilization: Schema.optionalKey(Schema.Finite),
  smClockMhz: Schema.optionalKey(Schema.Finite),
  temperatureC: Schema.optionalKey(Schema.Finite),
  powerW: Schema.optionalKey(Schema.Finite),
  /** The device's power limit. */
  powerCapW: Schema.optionalKey(Schema.Finite),
  /** Since the driver was loaded. */
  energyJ: Schema.optionalKey(Schema.Finite),
  /** What throttles the clock; empty if nothing does. */
  limits: Schema.optionalKey(Schema.Array(ClockLimit)),
  /** Generation of the current link: 4 for PCIe 4.0; a number without a unit. */
  pcieGeneration: Schema.optionalKey(Schema.Finite),
  pcieLanes: Schema.optionalKey(Schema.Finite),
  processes: Schema.optionalKey(Schema.Array(DeviceProcess)),
})
export type DeviceValues = typeof DeviceValues.Type
/** The name of a value that a device may report. */
export type DeviceField = keyof DeviceValues

/** All of them, in their order. */
export const DEVICE_FIELDS = Object.keys(DeviceValues.fields) as ReadonlyArray<DeviceField>

/** Why a device does not report a value, by the value's name. */
export type Absences = Partial<Record<DeviceField, string>>

/** One device at one moment: each value, or the reason why it is absent. */
export interface DeviceReading {
  readonly device: DeviceId
  readonly values: DeviceValues
  readonly absent: Absences
}

/** Something that reads devices. */
export interface DeviceSource {
  /** Such as `NVML`. */
  readonly name: string
  /** Must be quick: it is called ten times a second beside the measured work. */
  readonly read: () => ReadonlyArray<DeviceReading>
}

/** A value, or the reason why it is unavailable. */
export type Reported<A> = { readonly value: A } | { readonly absent: string }

/** The reported fields. Those left out were not requested. */
export type ReportedFields = { readonly [F in DeviceField]?: Reported<NonNullable<DeviceValues[F]>> }

/** A reading from the reported fields; a field that is left out is absent because of `otherwise`. */
export const deviceReading = (device: DeviceId, reported: ReportedFields, otherwise: string): DeviceReading => {
  const values: Record<string, unknown> = {}
  const absent: Absences = {}
  for (const field of DEVICE_FIELDS) {
    const one = reported[field]
    if (one !== undefined && "value" in one) values[field] = one.value
    else absent[field] = one?.absent ?? otherwise
  }
  return { device, values, absent }
}
