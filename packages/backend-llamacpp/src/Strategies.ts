import { CPU, cpu, Placement, single as onOne, type Strategy } from "@rigbook/core"
import { Result } from "effect"
import { row, tensor } from "./CutStrategies.ts"
import { slotsOf } from "./Layers.ts"
import type { Options } from "./Options.ts"
import { experts } from "./Experts.ts"
import { idsOf, leavesLayers, partial, placeIfFits, refuse, sharesOf, splitDevices, unfit } from "./Split.ts"

/** The whole model on one GPU or RPC server. */
export const single: Strategy<Options> = {
  id: "single",
  place: (input) => {
    const layers = partial(input)
    return layers === undefined ? onOne.place(input) : refuse("single", leavesLayers(layers))
  },
}

/** Whole layers, one device after the other. */
export const layer: Strategy<Options> = {
  id: "layer",
  place: (input) => {
    const left = partial(input)
    if (left !== undefined) return refuse("layer", leavesLayers(left))
    const found = splitDevices(input, 2)
    if (Result.isFailure(found)) return refuse("layer", found.failure)
    const split = input.split ?? sharesOf(found.success)
    return placeIfFits(input, new Placement({ strategy: "layer", devices: idsOf(found.success), split }))
  },
}

/** As many layers on the devices as fit, or as `gpuLayers` says; the processor takes the rest. */
export const offload: Strategy<Options> = {
  id: "offload",
  place: (input) => {
    const found = splitDevices(input, 1)
    if (Result.isFailure(found)) return refuse("offload", found.failure)
    const shares = input.split ?? sharesOf(found.success)
    const split = found.success.length > 1 ? { split: shares } : {}
    const requested = partial(input)
    const slots = slotsOf(input.model)
    const devices = [...idsOf(found.success), CPU] as const
    const on = (layers: number) => new Placement({ strategy: "offload", devices, ...split, layers })
    const why = (layers: number) => unfit(input, on(layers))
    const most = requested ?? largest(slots - 1, (layers) => why(layers) === undefined)
    if (most === 0)
      return refuse(
        "offload",
        requested === 0
          ? "gpuLayers is 0: that is cpu"
          : `not one layer fits: ${why(Math.min(found.success.length, slots - 1))}`,
      )
    if (requested === undefined && found.success.some(({ freeBytes }) => freeBytes === undefined))
      return refuse("offload", "how many layers fit is unknown without the device's memory: set gpuLayers")
    return placeIfFits(input, on(most))
  },
}

/** The largest count up to `most` that holds; 0 where none does. */
const largest = (most: number, holds: (count: number) => boolean): number => {
  for (let count = most; count > 0; count--) if (holds(count)) return count
  return 0
}

/** In the order in which `auto` tries them; row and tensor only where requested. */
export const strategies: ReadonlyArray<Strategy<Options>> = [single, layer, experts, offload, cpu, row, tensor]
