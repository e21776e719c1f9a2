import { CPU, Device, type DeviceDemand, DeviceId, Host, type ModelFacts, type Placement } from "@rigbook/core"
import { Schema } from "effect"
import { devicesOf, loadsOf, slotBytes, slotsOf } from "../src/Layers.ts"
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

/** A demand of weights and nothing else, `beside` bytes on each device excepted: the processor has what the others don't. */
export const weightsOnly =
  (model: ModelFacts, beside = 0) =>
  (placement: Placement): ReadonlyArray<DeviceDemand> => {
    const devices = devicesOf(placement)
    const shares = placement.split ?? devices.map(() => 1)
    const total = shares.reduce((sum, share) => sum + share, 0)
    const slots = slotsOf(model)
    const bytes =
      slotBytes(model, placement.expertLayers) ?? Array.from({ length: slots }, () => model.weightBytes / slots)
    const cut = placement.strategy === "row" || placement.strategy === "tensor"
    const held = cut
      ? shares.map((share) => (model.weightBytes * share) / total)
      : loadsOf(bytes, placement.layers ?? slots, shares).map((load) => load.bytes)
    const left = model.weightBytes - held.reduce((sum, each) => sum + each, 0)
    return [
      ...devices.map((device, index) => demandOn(device, held[index]! + beside)),
      demandOn(CPU, Math.max(0, left) + (devices.length === 0 ? beside : 0)),
    ]
  }

const demandOn = (device: DeviceId, bytes: number): DeviceDemand => ({
  device,
  parts: [{ name: "weights", bytes: Math.ceil(bytes), basis: "exact", formula: "given by the test" }],
})
