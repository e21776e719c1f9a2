import { Schema } from "effect"

/**
 * A device's stable name: `cpu`, a GPU's UUID as the driver gives it, or a backend's name for a device that it adds.
 */
export const DeviceId = Schema.NonEmptyString.pipe(Schema.brand("DeviceId"))
export type DeviceId = typeof DeviceId.Type

/** The processor and its memory: the first device of every host. */
export const CPU = DeviceId.make("cpu")

/** A processor, a GPU, or a device of another machine; memory in bytes. */
export class Device extends Schema.Class<Device>("rigbook/Device")({
  id: DeviceId,
  /** `remote`: reached over a network by a backend that knows how; other backends don't have it. */
  kind: Schema.Literals(["cpu", "gpu", "remote"]),
  name: Schema.NonEmptyString,
  /** The number that its vendor's tools give a GPU: for NVIDIA's the position in PCI bus order. */
  index: Schema.optionalKey(Schema.Int),
  /** Left out if unknown, such as for remote devices. */
  memoryBytes: Schema.optionalKey(Schema.Int),
  freeBytes: Schema.optionalKey(Schema.Int),
  driver: Schema.optionalKey(Schema.String),
  /** Id of the vendor of a GPU whose driver was found here. */
  vendor: Schema.optionalKey(Schema.NonEmptyString),
}) {}

/** The machine that cells run on. */
export class Host extends Schema.Class<Host>("rigbook/Host")({
  /** Stable name of this machine's configuration: results with another fingerprint are from another host. */
  fingerprint: Schema.NonEmptyString,
  cpu: Schema.Struct({ model: Schema.NonEmptyString, logicalCores: Schema.Int }),
  memoryBytes: Schema.Int,
  os: Schema.NonEmptyString,
  kernel: Schema.NonEmptyString,
  /** The CPU first, then GPUs in PCI bus order, then devices that a backend adds. */
  devices: Schema.NonEmptyArray(Device),
}) {
  /** This machine as if it had only its CPU and `others`. */
  with(others: ReadonlyArray<Device>): Host {
    const { cpu, devices, fingerprint, kernel, memoryBytes, os } = this
    return new Host({ cpu, devices: [devices[0], ...others], fingerprint, kernel, memoryBytes, os })
  }
}
