import {
  type Device,
  type DeviceId,
  Placement,
  Refusal,
  shortfall,
  type Strategy,
  type StrategyInput,
} from "@rigbook/core"
import { Result } from "effect"
import { assignSlots, devicesOf, slotsOf } from "./Layers.ts"
import type { Options } from "./Options.ts"

/** What a strategy of llama.cpp is given. */
export type Input = StrategyInput<Options>
export type Placed = ReturnType<Strategy<Options>["place"]>
/** One device at least, none of them the processor. */
export type Devices = readonly [Device, ...ReadonlyArray<Device>]

export const refuse = (strategy: string, reason: string): Placed => Result.fail(new Refusal({ strategy, reason }))

/** The placement, if every device has room for its part. */
export const placeIfFits = (input: Input, placement: Placement): Placed => {
  const short = unfit(input, placement)
  return short === undefined ? Result.succeed([placement]) : refuse(placement.strategy, short)
}

/** Layers that the options request on devices, where some stay on the processor. */
export const partial = ({ config: { gpuLayers }, model }: Input): number | undefined =>
  gpuLayers !== undefined && gpuLayers < slotsOf(model) ? gpuLayers : undefined

export const leavesLayers = (layers: number): string =>
  `gpuLayers ${layers} leaves layers on the processor: remove it, or request strategy offload`

export const idsOf = ([first, ...rest]: Devices): readonly [DeviceId, ...ReadonlyArray<DeviceId>] => [
  first.id,
  ...rest.map(({ id }) => id),
]

/**
 * Shares by free memory, in whole GiB and at least one, so that a change of a few MiB does not make it another
 * cell; equal if a device's memory is unknown. A common divisor is removed.
 */
export const sharesOf = (devices: ReadonlyArray<Device>): ReadonlyArray<number> => {
  if (devices.some(({ freeBytes }) => freeBytes === undefined)) return devices.map(() => 1)
  const shares = devices.map(({ freeBytes = 0 }) => Math.max(1, Math.round(freeBytes / 2 ** 30)))
  const common = shares.reduce(divisor)
  return shares.map((share) => share / common)
}

const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b))

/** Devices to split over, as many as a split takes; or why there are none. */
export const splitDevices = ({ host }: Input, least: number): Result.Result<Devices, string> => {
  const [first, ...rest] = host.devices.filter(({ kind }) => kind !== "cpu")
  if (first !== undefined && rest.length + 1 >= least) return Result.succeed([first, ...rest])
  if (first === undefined) return Result.fail("no GPU and no RPC server")
  return Result.fail(`${first.id} is the only device, nothing to split over`)
}

/** Why a placement is not possible, in a sentence: a device gets no slot, or more than fits on it. */
export const unfit = (input: Input, placement: Placement): string | undefined => {
  const slots = slotsOf(input.model)
  const layers = placement.layers ?? slots
  const devices = devicesOf(placement)
  const assigned = assignSlots(slots, layers, placement.split ?? devices.map(() => 1))
  const idle = devices.find((_, index) => !assigned.includes(index))
  return idle === undefined ? shortfall(input, placement) : `${idle} would get none of ${layers} layers`
}
