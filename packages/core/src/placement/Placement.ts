import { Result, Schema } from "effect"
import { CPU, DeviceId, type Host } from "../host/Host.ts"
import type { Demand } from "./Demand.ts"

/** Which devices a model is put on, and how it is split between them. */
export class Placement extends Schema.Class<Placement>("rigbook/Placement")({
  /** The strategy that made it, such as `single` or `cpu`. */
  strategy: Schema.NonEmptyString,
  devices: Schema.NonEmptyArray(DeviceId),
}) {}

/** A placement that is not possible here, and why. */
export class Refusal extends Schema.Class<Refusal>("rigbook/Refusal")({
  strategy: Schema.NonEmptyString,
  reason: Schema.NonEmptyString,
}) {}

export interface StrategyInput<Config> {
  readonly host: Host
  readonly demand: Demand
  readonly config: Config
}

/** A backend's pure rule from host and demand to placements, best first, or the reason why there is none. */
export interface Strategy<Config> {
  readonly id: string
  readonly place: (
    input: StrategyInput<Config>,
  ) => Result.Result<readonly [Placement, ...ReadonlyArray<Placement>], Refusal>
}

/** Everything in host memory, computed by the processor. */
export const cpu: Strategy<unknown> = {
  id: "cpu",
  place: ({ demand, host }) => {
    const free = host.devices[0].freeBytes
    return demand.totalBytes <= free
      ? Result.succeed([new Placement({ strategy: "cpu", devices: [CPU] })])
      : Result.fail(new Refusal({ strategy: "cpu", reason: shortOf(demand.totalBytes, free, "host memory") }))
  },
}

/** Everything on one GPU: each GPU that is large enough, the one with most free memory first. */
export const single: Strategy<unknown> = {
  id: "single",
  place: ({ demand, host }) => {
    const gpus = host.devices.filter(({ kind }) => kind === "gpu").toSorted((a, b) => b.freeBytes - a.freeBytes)
    const [best, ...rest] = gpus
      .filter(({ freeBytes }) => demand.totalBytes <= freeBytes)
      .map(({ id }) => new Placement({ strategy: "single", devices: [id] }))
    if (best !== undefined) return Result.succeed([best, ...rest])
    const [largest] = gpus
    const reason =
      largest === undefined ? "this host has no GPU" : shortOf(demand.totalBytes, largest.freeBytes, largest.name)
    return Result.fail(new Refusal({ strategy: "single", reason }))
  },
}

const gib = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(2)} GiB`

const shortOf = (need: number, free: number, where: string): string =>
  `needs ${gib(need)}, ${where} has ${gib(free)} free`
