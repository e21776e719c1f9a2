import { Schema } from "effect"

/** A device's stable name: `cpu`, or a GPU's UUID as the driver gives it. */
export const DeviceId = Schema.NonEmptyString.pipe(Schema.brand("DeviceId"))
export type DeviceId = typeof DeviceId.Type

export const CPU = DeviceId.make("cpu")

export class Device extends Schema.Class<Device>("rigbook/Device")({
  id: DeviceId,
  kind: Schema.Literals(["cpu", "gpu"]),
  name: Schema.NonEmptyString,
  /** Position in PCI bus order, for GPUs. */
  index: Schema.optionalKey(Schema.Int),
  memoryBytes: Schema.Int,
  freeBytes: Schema.Int,
  driver: Schema.optionalKey(Schema.String),
}) {}

/** The machine that cells run on. */
export class Host extends Schema.Class<Host>("rigbook/Host")({
  /** Stable name of this machine's make-up: results of another fingerprint are another host's. */
  fingerprint: Schema.NonEmptyString,
  cpu: Schema.Struct({ model: Schema.NonEmptyString, logicalCores: Schema.Int }),
  memoryBytes: Schema.Int,
  os: Schema.NonEmptyString,
  kernel: Schema.NonEmptyString,
  /** The CPU first, then GPUs in PCI bus order. */
  devices: Schema.NonEmptyArray(Device),
}) {}
