import { CPU, Device, Host } from "@rigbook/core"

const GIB = 2 ** 30

/** A machine with these devices beside its processor, and so much free memory. */
export const hostWith = (devices: ReadonlyArray<Device>, freeBytes = 8 * GIB): Host =>
  new Host({
    fingerprint: "f",
    cpu: { model: "CPU", logicalCores: 2 },
    memoryBytes: 16 * GIB,
    os: "OS",
    kernel: "K",
    devices: [new Device({ id: CPU, kind: "cpu", name: "CPU", memoryBytes: 16 * GIB, freeBytes }), ...devices],
  })
