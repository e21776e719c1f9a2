import { type Device, type DeviceId, Placement, Refusal, shortfall, type Strategy } from "@rigbook/core"
import { Result } from "effect"

const refuse = (reason: string) => Result.fail(new Refusal({ strategy: "unlike", reason }))

/** Shares of the free memory in tenths: a change of a few MiB must not make it another cell. */
const sharesOf = (devices: ReadonlyArray<Device>): ReadonlyArray<number> => {
  const free = devices.map(({ freeBytes = 0 }) => freeBytes)
  const all = free.reduce((sum, bytes) => sum + bytes, 0)
  return free.map((bytes) => Math.max(1, Math.round((10 * bytes) / all)))
}

/** A model over two GPUs of unlike size: each holds a part by the memory that it has free, the larger one first. */
export const unlike: Strategy<unknown> = {
  id: "unlike",
  place: (input) => {
    const gpus = input.host.devices
      .filter(({ freeBytes, kind }) => kind === "gpu" && freeBytes !== undefined)
      .toSorted((a, b) => b.freeBytes! - a.freeBytes!)
      .slice(0, 2)
    const [large, small] = gpus
    if (large === undefined || small === undefined) return refuse("fewer than two GPUs with known free memory")
    const devices: readonly [DeviceId, DeviceId] = [large.id, small.id]
    const placement = new Placement({ strategy: "unlike", devices, split: sharesOf(gpus) })
    // What each device has to hold is `memory.demandOf`'s answer for this very placement.
    const short = shortfall(input, placement)
    return short === undefined ? Result.succeed([placement]) : refuse(short)
  },
}
