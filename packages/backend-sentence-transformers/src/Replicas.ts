import { CPU, type DeviceId, Placement, Refusal, shortfall, type Strategy } from "@rigbook/core"
import { Result } from "effect"

const refuse = (reason: string) => Result.fail(new Refusal({ strategy: "replicas", reason }))

/** A complete copy of the model in its own process on each GPU, or `degree` of them on the processor. */
export const replicas: Strategy<unknown> = {
  id: "replicas",
  onlyNamed: true,
  place: (input) => {
    const { degree, host } = input
    const [first, ...rest] = host.devices.filter(({ kind }) => kind === "gpu")
    if (first === undefined)
      return degree === undefined
        ? refuse("on the cpu it needs a degree of 2 or more: for one copy use strategy cpu")
        : ifFits(input, new Placement({ strategy: "replicas", devices: [CPU], degree }))
    if (rest.length === 0) return refuse(`${first.id} is the only device: for one copy use strategy single`)
    if (degree !== undefined) return refuse("a degree is for the cpu: each GPU has one copy")
    const devices: readonly [DeviceId, ...ReadonlyArray<DeviceId>] = [first.id, ...rest.map(({ id }) => id)]
    return ifFits(input, new Placement({ strategy: "replicas", devices }))
  },
}

const ifFits = (input: Parameters<typeof shortfall>[0], placement: Placement) => {
  const short = shortfall(input, placement)
  return short === undefined ? Result.succeed([placement] as const) : refuse(short)
}
