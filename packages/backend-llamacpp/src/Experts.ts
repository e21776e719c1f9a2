import { CPU, Placement, type Strategy } from "@rigbook/core"
import { Result } from "effect"
import type { Options } from "./Options.ts"
import { idsOf, leavesLayers, partial, refuse, sharesOf, splitDevices, unfit } from "./Split.ts"

const ID = "experts"

/**
 * Every layer on the devices, except the experts of as few layers as needed, or of as many as `expertLayers` says: the
 * processor holds those. A token needs only a few of the experts, so moving them costs least.
 */
export const experts: Strategy<Options> = {
  id: ID,
  place: (input) => {
    const { config, model } = input
    const left = partial(input)
    if (left !== undefined) return refuse(ID, leavesLayers(left))
    const bytes = model.tensorBytes?.experts
    if (bytes === undefined) return refuse(ID, "the model has no experts, or its file does not identify them")
    const found = splitDevices(input, 1)
    if (Result.isFailure(found)) return refuse(ID, found.failure)
    const devices = found.success
    const split = devices.length > 1 ? { split: input.split ?? sharesOf(devices) } : {}
    const on = (expertLayers: number) =>
      new Placement({ strategy: ID, devices: [...idsOf(devices), CPU], ...split, expertLayers })
    const why = (layers: number) => unfit(input, on(layers))
    const requested = config.expertLayers
    if (requested === undefined && devices.some(({ freeBytes }) => freeBytes === undefined))
      return refuse(ID, "how many layers' experts fit is unknown without the device's memory: set expertLayers")
    if (requested !== undefined && requested > bytes.length)
      return refuse(ID, `expertLayers is ${requested}, but the model has ${bytes.length} layers`)
    const layers = requested ?? smallest(bytes.length, (count) => why(count) === undefined)
    if (layers === 0) return refuse(ID, "all experts fit on the devices: use strategy single or layer")
    const short = why(layers)
    return short === undefined
      ? Result.succeed([on(layers)])
      : refuse(ID, `even with the experts of ${layers} of ${bytes.length} layers on the cpu: ${short}`)
  },
}

/** The smallest count from 0 to `most` that holds; `most` where none does. */
const smallest = (most: number, holds: (count: number) => boolean): number => {
  for (let count = 0; count < most; count++) if (holds(count)) return count
  return most
}
