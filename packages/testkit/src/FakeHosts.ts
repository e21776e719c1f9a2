import { CPU, Device, DeviceId, Host } from "@rigbook/core"

const GIB = 2 ** 30

/** The id of a fake GPU, by its index from 0. */
export const gpuId = (index: number): DeviceId => DeviceId.make(`GPU-fake-${index}`)

/** A GPU of the fake host. */
export const fakeGpu = (index: number, freeBytes: number, name = `Fake GPU ${index}`, memoryBytes = 32 * GIB): Device =>
  new Device({ id: gpuId(index), kind: "gpu", name, index, memoryBytes, freeBytes, driver: "1.0" })

/** A machine with 8 GiB of free host memory and, for each entry of `gpus`, a GPU with this much free memory. */
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

const rig = (fingerprint: string, hostGib: number, gpus: ReadonlyArray<Device>): Host =>
  fakeHost([], Math.floor(hostGib * 0.8) * GIB, fingerprint).with(gpus)

const alike = (count: number, name: string, gib: number, freeGib = gib - 1): ReadonlyArray<Device> =>
  Array.from({ length: count }, (_, index) => fakeGpu(index, freeGib * GIB, name, gib * GIB))

/** Machines to plan for without having them: none, one, two and eight GPUs, different ones, and one in use. */
export const FAKE_HOSTS = {
  "CPU only": rig("cpuonly", 64, []),
  "one RTX 5090": rig("one5090", 64, alike(1, "NVIDIA GeForce RTX 5090", 32)),
  "two RTX 5090": rig("two5090", 128, alike(2, "NVIDIA GeForce RTX 5090", 32)),
  H200: rig("h200", 256, alike(1, "NVIDIA H200", 141)),
  "eight H100": rig("eighth100", 1024, alike(8, "NVIDIA H100 80GB HBM3", 80)),
  "RTX 5090 and RTX 3060": rig("unlike", 64, [
    fakeGpu(0, 31 * GIB, "NVIDIA GeForce RTX 5090", 32 * GIB),
    fakeGpu(1, 11 * GIB, "NVIDIA GeForce RTX 3060", 12 * GIB),
  ]),
  "RTX 5090 in use": rig("inuse", 16, alike(1, "NVIDIA GeForce RTX 5090", 32, 1)),
} as const satisfies Readonly<Record<string, Host>>
