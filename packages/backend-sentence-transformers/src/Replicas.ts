import { CPU, type DeviceId, hasRoom, Placement, Refusal, shortOf, type Strategy } from "@rigbook/core"
import { Result } from "effect"

const refuse = (reason: string) => Result.fail(new Refusal({ strategy: "replicas", reason }))

/** A whole copy of the model in a process of its own on each GPU, or `degree` of them on the processor. */
export const replicas: Strategy<unknown> = {
  id: "replicas",
  onlyNamed: true,
  place: ({ degree, demand, host }) => {
    const [memory, ...others] = host.devices
    const [first, ...rest] = others.filter(({ kind }) => kind === "gpu")
    if (first === undefined) {
      if (degree === undefined) return refuse("on the cpu it needs a degree of 2 or more: one copy is strategy cpu")
      // One more for the process that hands the texts out.
      const bytes = demand.totalBytes * (degree + 1)
      return hasRoom(memory, bytes)
        ? Result.succeed([new Placement({ strategy: "replicas", devices: [CPU], degree })])
        : refuse(shortOf(bytes, memory, "host memory"))
    }
    if (rest.length === 0) return refuse(`there is but ${first.id} to copy to: one copy is strategy single`)
    if (degree !== undefined) return refuse("a degree is for the cpu: each GPU has one copy")
    const short = [first, ...rest].find((device) => !hasRoom(device, demand.totalBytes))
    if (short !== undefined) return refuse(shortOf(demand.totalBytes, short))
    const devices: readonly [DeviceId, ...ReadonlyArray<DeviceId>] = [first.id, ...rest.map(({ id }) => id)]
    return Result.succeed([new Placement({ strategy: "replicas", devices })])
  },
}
