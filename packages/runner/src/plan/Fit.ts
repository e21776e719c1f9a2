import { CPU, Device, Host, type Placement } from "@rigbook/core"
import type { EngineFacts } from "./Facts.ts"
import { valueOf } from "./Known.ts"
import type { PlacedCell } from "./PlaceCells.ts"
import { forBackend } from "./Served.ts"

/**
 * Whether a cell has a place. `fits`: on GPUs alone, or where the config requests it, or on the processor of a host without
 * GPUs. `helped`: only where the processor takes a part. `too large`: nowhere. `refused`: nowhere, however much memory
 * there were. `missingBytes` is what each GPU (without GPUs, the host) would need more to hold it.
 */
export type Fit =
  | { readonly kind: "fits" }
  | { readonly kind: "helped"; readonly missingBytes?: number }
  | { readonly kind: "too large"; readonly missingBytes: number }
  | { readonly kind: "refused" }

const MIB = 2 ** 20

/** Pure. */
export const fitOf = <R>(
  { backend, host, model, options }: EngineFacts<R>,
  { placeOn, requested, scenario, weighed }: PlacedCell,
): Fit => {
  const placement = valueOf(weighed.placement)
  const hasGpu = host.devices.some(({ kind }) => kind !== "cpu")
  const isThere = (on: Placement | undefined): boolean =>
    on !== undefined && (requested !== "auto" || !hasGpu || !on.devices.includes(CPU))
  if (isThere(placement)) return { kind: "fits" }
  const most = Math.ceil((2 * backend.demand(forBackend(model), options, scenario).totalBytes) / MIB) + 4096
  const holds = (mib: number) => isThere(placeOn(roomier(host, hasGpu, mib * MIB)))
  if (!holds(most)) return { kind: placement === undefined ? "refused" : "helped" }
  let low = 0
  let high = most
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (holds(middle)) high = middle
    else low = middle
  }
  return { kind: placement === undefined ? "too large" : "helped", missingBytes: high * MIB }
}

/** The host with more memory on each GPU, or, without GPUs, for the processor. */
const roomier = (host: Host, hasGpu: boolean, bytes: number): Host => {
  const { devices, ...same } = host
  const [cpu, ...others] = devices.map((device) => {
    const { freeBytes, memoryBytes, ...named } = device
    if ((device.kind !== "cpu") !== hasGpu || freeBytes === undefined) return device
    const memory = memoryBytes === undefined ? {} : { memoryBytes: memoryBytes + bytes }
    return new Device({ ...named, ...memory, freeBytes: freeBytes + bytes })
  })
  return new Host({ ...same, devices: [cpu!, ...others] })
}
