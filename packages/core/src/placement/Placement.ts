import { Result, Schema } from "effect"
import { CPU, type Device, DeviceId, type Host } from "../host/Host.ts"
import type { ModelFacts } from "../model/Model.ts"
import { type Demand, type DeviceDemand, neededBytes } from "./Demand.ts"

/** Which devices a model is on, and how it is split between them. */
export class Placement extends Schema.Class<Placement>("rigbook/Placement")({
  /** The strategy that made it, such as `single` or `cpu`. */
  strategy: Schema.NonEmptyString,
  devices: Schema.NonEmptyArray(DeviceId),
  /** Shares by device, in the order of `devices`; the processor has none if it takes the rest. */
  split: Schema.optionalKey(Schema.Array(Schema.Finite)),
  /** Layers on the devices, the output counted as one, if the processor takes the rest. */
  layers: Schema.optionalKey(Schema.Int),
  /** Layers whose experts are left to the processor, the first ones, in a mixture of experts. */
  expertLayers: Schema.optionalKey(Schema.Int),
  /** Processes that the model is spread over or copied to, if the devices don't determine it. */
  degree: Schema.optionalKey(Schema.Int),
  /** Machines that the unit needs, the first of which has `devices` that are not remote; left out for one. */
  nodes: Schema.optionalKey(Schema.Int),
}) {}

/**
 * A placement for people: `cpu`, `single: GPU-1`, `layer: GPU-1 + GPU-2 (3:1)`, `offload: GPU-1 + cpu (20 layers)`,
 * `experts: GPU-1 + cpu (experts of 4 layers)`, `replicas: cpu (2 processes)`, `nodes: cpu (2 nodes)`.
 */
export const placementName = (
  { degree, devices, expertLayers, layers, nodes, split, strategy }: Placement,
  deviceName: (id: DeviceId) => string = String,
): string => {
  const names = devices.map(deviceName).join(" + ")
  const how = [
    ...(split === undefined ? [] : [split.join(":")]),
    ...(layers === undefined ? [] : [countOf(layers)]),
    ...(expertLayers === undefined ? [] : [`experts of ${countOf(expertLayers)}`]),
    ...(degree === undefined ? [] : [`${degree} processes`]),
    ...(nodes === undefined ? [] : [`${nodes} nodes`]),
  ].join(", ")
  return `${names === strategy ? names : `${strategy}: ${names}`}${how === "" ? "" : ` (${how})`}`
}

const countOf = (layers: number): string => `${layers} ${layers === 1 ? "layer" : "layers"}`

/** A placement that is not possible here, and why. */
export class Refusal extends Schema.Class<Refusal>("rigbook/Refusal")({
  strategy: Schema.NonEmptyString,
  reason: Schema.NonEmptyString,
}) {}

/** The input of a strategy. */
export interface StrategyInput<Config> {
  /** With the devices that may be used; if a config names some, only those. */
  readonly host: Host
  readonly model: ModelFacts
  readonly demand: Demand
  /** What each device would have to hold in a placement of this model. Pure. */
  readonly demandOf: (placement: Placement) => ReadonlyArray<DeviceDemand>
  readonly config: Config
  /** Shares that the config requests, one for each of the host's devices except the processor. */
  readonly split?: ReadonlyArray<number>
  /** Processes that the config requests. */
  readonly degree?: number
  /** The config names the devices: a placement must use all of them. */
  readonly exactly?: true
}

/** A backend's pure rule from host and demand to placements, best first, or the reason why there is none. */
export interface Strategy<Config> {
  readonly id: string
  /** Not tried by `auto`: only if a config names it. */
  readonly onlyNamed?: boolean
  readonly place: (
    input: StrategyInput<Config>,
  ) => Result.Result<readonly [Placement, ...ReadonlyArray<Placement>], Refusal>
}

/** Everything in host memory, computed by the processor. */
export const cpu: Strategy<unknown> = {
  id: "cpu",
  place: (input) => {
    const placement = new Placement({ strategy: "cpu", devices: [CPU] })
    const short = shortfall(input, placement)
    return short === undefined
      ? Result.succeed([placement])
      : Result.fail(new Refusal({ strategy: "cpu", reason: short }))
  },
}

/**
 * Everything on one device that is not the processor: each that is large enough, the one with most free memory
 * first. A device with unknown memory counts as large enough, and comes last.
 */
export const single: Strategy<unknown> = {
  id: "single",
  place: (input) => {
    const weighed = input.host.devices
      .filter(({ kind }) => kind !== "cpu")
      .toSorted((a, b) => (b.freeBytes ?? -1) - (a.freeBytes ?? -1))
      .map(({ id }) => new Placement({ strategy: "single", devices: [id] }))
      .map((placement) => ({ placement, short: shortfall(input, placement) }))
    const [best, ...rest] = weighed.filter(({ short }) => short === undefined).map(({ placement }) => placement)
    if (best !== undefined) return Result.succeed([best, ...rest])
    return Result.fail(new Refusal({ strategy: "single", reason: weighed[0]?.short ?? "this host has no GPU" }))
  },
}

/** The first device that can't hold its part of a placement, in a sentence; `undefined` where all can. */
export const shortfall = (
  { demandOf, host }: Pick<StrategyInput<never>, "demandOf" | "host">,
  placement: Placement,
): string | undefined => {
  for (const { device: id, parts } of demandOf(placement)) {
    const device = host.devices.find((candidate) => candidate.id === id)
    const need = neededBytes(parts)
    if (device !== undefined && !hasRoom(device, need))
      return shortOf(need, device, device.kind === "cpu" ? "host memory" : device.name)
  }
  return undefined
}

/** Whether `bytes` fit into what a device has free. What is unknown is not refused. */
export const hasRoom = ({ freeBytes }: Device, bytes: number): boolean => freeBytes === undefined || bytes <= freeBytes

const gib = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(2)} GiB`

/** Such as `needs 9.00 GiB, RTX 5090 has 4.00 GiB free: 5.00 GiB too little`: what is missing is rounded up. */
export const shortOf = (need: number, { freeBytes, name }: Device, where: string = name): string =>
  freeBytes === undefined
    ? `needs ${gib(need)}, ${where} has an unknown amount free`
    : `needs ${gib(need)}, ${where} has ${gib(freeBytes)} free: ${(Math.ceil((need - freeBytes) / (2 ** 30 / 100)) / 100).toFixed(2)} GiB too little`
