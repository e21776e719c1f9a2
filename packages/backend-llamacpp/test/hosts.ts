import { CPU, Device, DeviceId, Host } from "@rigbook/core"
import { Schema } from "effect"
import { Options } from "../src/Options.ts"

export const MIB = 2 ** 20
export const GIB = 2 ** 30

export const options = (given: object = {}): Options => Schema.decodeUnknownSync(Options)({ threads: 2, ...given })

export const gpu = (index: number, freeBytes: number): Device =>
  new Device({
    id: DeviceId.make(`GPU-${index}`),
    kind: "gpu",
    name: `GPU ${index}`,
    index,
    memoryBytes: 48 * GIB,
    freeBytes: Math.round(freeBytes),
  })

/** A machine with these devices beside its processor, and so much free host memory. */
export const hostWith = (devices: ReadonlyArray<Device>, freeBytes = 8 * GIB): Host =>
  new Host({
    fingerprint: "f",
    cpu: { model: "CPU", logicalCores: 2 },
    memoryBytes: 16 * GIB,
    os: "OS",
    kernel: "K",
    devices: [new Device({ id: CPU, kind: "cpu", name: "CPU", memoryBytes: 16 * GIB, freeBytes }), ...devices],
  })
