import { CPU, Device, DeviceId, Host } from "../../src/host/Host.ts"

const GIB = 2 ** 30

export const gpuId = (index: number): DeviceId => DeviceId.make(`GPU-fake-${index}`)

/** A GPU of the fake host. */
export const fakeGpu = (index: number, freeBytes: number): Device =>
  new Device({
    id: gpuId(index),
    kind: "gpu",
    name: `Fake GPU ${index}`,
    index,
    memoryBytes: 32 * GIB,
    freeBytes,
    driver: "1.0",
  })

/** A machine with 8 GiB of free host memory and, for each entry of `gpus`, a GPU with so much free memory. */
export const fakeHost = (gpus: ReadonlyArray<number> = [], freeBytes = 8 * GIB, fingerprint = "fakehost0001"): Host =>
  new Host({
    fingerprint,
    cpu: { model: "Fake CPU", logicalCores: 4 },
    memoryBytes: 16 * GIB,
    os: "Fake OS 1",
    kernel: "Fake 1.0",
    devices: [
      new Device({ id: CPU, kind: "cpu", name: "Fake CPU", memoryBytes: 16 * GIB, freeBytes }),
      ...gpus.map((free, index) => fakeGpu(index, free)),
    ],
  })
