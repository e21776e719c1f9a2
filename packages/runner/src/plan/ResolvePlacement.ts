import {
  CPU,
  type Device,
  type DeviceId,
  type Host,
  type Placement,
  type PlacementRequest,
  Refusal,
  type Strategy,
  type StrategyInput,
} from "@rigbook/core"
import { closestKey } from "@rigbook/records"
import { Result } from "effect"
import { aliasOf } from "../vendors/Vendors.ts"
import type { Known } from "./Known.ts"

/**
 * Finds the placement that a config requests: `auto` takes the first strategy that has one, a device's name the
 * first placement that is on that device alone, a named strategy its first on exactly the named devices. Or says
 * in a sentence why there is none. Pure.
 */
export const resolvePlacement = <Config>(
  requested: PlacementRequest,
  input: Omit<StrategyInput<Config>, "split" | "degree" | "exactly">,
  strategies: ReadonlyArray<Strategy<Config>>,
): Result.Result<Placement, string> => {
  const { host } = input
  if (typeof requested !== "string") return resolveNamed(requested, input, strategies)
  const device = requested === "auto" ? undefined : deviceNamed(requested, host)
  if (requested !== "auto" && device === undefined) return Result.fail(unknownDevice(requested, host))
  // As if this were the only device, so that refusals are about it and not about a larger one.
  const offered = device === undefined || device.kind === "cpu" ? host : host.with([device])
  const refusals: Array<Refusal> = []
  for (const { onlyNamed, place } of strategies) {
    if (onlyNamed === true) continue
    const placed = place({ ...input, host: offered })
    if (Result.isFailure(placed)) refusals.push(placed.failure)
    else {
      const fitting = placed.success.find(({ devices }) => device === undefined || isOnly(devices, device.id))
      if (fitting !== undefined) return Result.succeed(fitting)
    }
  }
  return Result.fail(noneOf(requested, refusals))
}

/** The result of a request: the chosen placement, other possible ones, and those refused. */
export interface Weighed {
  readonly placement: Known<Placement>
  readonly others: ReadonlyArray<Placement>
  readonly refused: ReadonlyArray<Refusal>
}

/**
 * Chooses as `resolvePlacement` does, and for `auto` tries every strategy that it may choose, also those after the
 * first that fits too. Pure.
 */
export const weighPlacements = <Config>(
  requested: PlacementRequest,
  input: Omit<StrategyInput<Config>, "split">,
  strategies: ReadonlyArray<Strategy<Config>>,
): Weighed => {
  if (requested !== "auto") {
    const strategy = typeof requested === "string" ? requested : requested.strategy
    return Result.match(resolvePlacement(requested, input, strategies), {
      onSuccess: (value): Weighed => ({ placement: { value }, others: [], refused: [] }),
      onFailure: (reason) => ({
        placement: { absent: reason },
        others: [],
        refused: [new Refusal({ strategy, reason })],
      }),
    })
  }
  const tried = strategies.filter(({ onlyNamed }) => onlyNamed !== true).map(({ place }) => place(input))
  const [placement, ...others] = tried.flatMap((placed) => (Result.isSuccess(placed) ? placed.success : []))
  const refused = tried.flatMap((placed) => (Result.isFailure(placed) ? [placed.failure] : []))
  return {
    placement: placement === undefined ? { absent: noneOf(requested, refused) } : { value: placement },
    others,
    refused,
  }
}

const noneOf = (requested: string, refusals: ReadonlyArray<Refusal>): string =>
  refusals.length > 0 ? reported(refusals) : `no strategy places it on ${requested}`

const reported = (refusals: ReadonlyArray<Refusal>): string =>
  `no placement is possible: ${refusals.map(({ reason, strategy }) => `${strategy}: ${reason.replace(/\.$/, "")}`).join("; ")}`

const isOnly = (devices: ReadonlyArray<DeviceId>, id: DeviceId): boolean => devices.length === 1 && devices[0] === id

type Named = Exclude<PlacementRequest, string>

const resolveNamed = <Config>(
  { degree, devices: names, split, strategy: id }: Named,
  input: Omit<StrategyInput<Config>, "split" | "degree" | "exactly">,
  strategies: ReadonlyArray<Strategy<Config>>,
): Result.Result<Placement, string> => {
  const strategy = strategies.find((candidate) => candidate.id === id)
  if (strategy === undefined) return Result.fail(unknownStrategy(id, strategies))
  const devices: Array<Device> = []
  for (const name of names) {
    const device = deviceNamed(name, input.host)
    if (device === undefined) return Result.fail(unknownDevice(name, input.host))
    devices.push(device)
  }
  const others = devices.filter(({ kind }) => kind !== "cpu")
  const placed = strategy.place({
    ...input,
    host: input.host.with(others),
    ...(split === undefined ? {} : { split }),
    ...(degree === undefined ? {} : { degree }),
    exactly: true,
  })
  if (Result.isFailure(placed)) return Result.fail(reported([placed.failure]))
  // The processor may be added to what is requested, but nothing requested may be left out.
  const wanted = new Set(devices.map((device) => device.id))
  const fitting = placed.success.find(
    (placement) =>
      placement.devices.filter((device) => device !== CPU || wanted.has(CPU)).length === wanted.size &&
      [...wanted].every((device) => placement.devices.includes(device)),
  )
  if (fitting === undefined) return Result.fail(`strategy ${id} has no placement on exactly ${names.join(" + ")}`)
  return degree === undefined || fitting.degree === degree
    ? Result.succeed(fitting)
    : Result.fail(`strategy ${id} takes no degree on ${names.join(" + ")}: remove it`)
}

/** What is wrong with a request, each with its path, as far as it can be known without the model. */
export const requestIssues = (
  requested: PlacementRequest,
  host: Host,
  strategies: ReadonlyArray<Strategy<never>>,
): ReadonlyArray<{ readonly path: ReadonlyArray<string | number>; readonly message: string }> => {
  if (typeof requested === "string")
    return requested === "auto" || deviceNamed(requested, host) !== undefined
      ? []
      : [{ path: [], message: unknownDevice(requested, host) }]
  const { devices, split, strategy } = requested
  const ids = devices.map((name) => deviceNamed(name, host)?.id)
  const shared = ids.filter((id) => id !== CPU).length
  return [
    ...(strategies.some(({ id }) => id === strategy)
      ? []
      : [{ path: ["strategy"], message: unknownStrategy(strategy, strategies) }]),
    ...devices.flatMap((name, index) => {
      const path = ["devices", index]
      if (ids[index] === undefined) return [{ path, message: unknownDevice(name, host) }]
      return ids.indexOf(ids[index]) < index ? [{ path, message: `${name} is listed twice` }] : []
    }),
    ...(split === undefined || split.length === shared
      ? []
      : [
          {
            path: ["split"],
            message: `expected ${shared} shares, one for each device but cpu, found ${split.length}`,
          },
        ]),
  ]
}

const unknownStrategy = (id: string, strategies: ReadonlyArray<{ readonly id: string }>): string => {
  const known = strategies.map((strategy) => strategy.id)
  const near = closestKey(id, known)
  return `unknown strategy "${id}"; available: ${known.join(", ")}${near === undefined ? "" : `; did you mean "${near}"?`}`
}

/** The device that a config means: by its id, by its vendor's alias (`cuda:0`), or by its place among the GPUs (`gpu:0`). */
export const deviceNamed = (name: string, { devices }: Host): Device | undefined => {
  const gpus = devices.filter(({ kind }) => kind === "gpu")
  return (
    devices.find((device) => device.id === name || aliasOf(device) === name) ??
    gpus.find((_, place) => name === `gpu:${place}`)
  )
}

/** Says that a host has no device of this name, which devices it has, and which was probably meant. */
export const unknownDevice = (name: string, { devices }: Host): string => {
  const names = devices.flatMap((device) => [aliasOf(device) ?? [], device.id].flat())
  const near = closestKey(name, names)
  return `unknown device "${name}"; this host has ${names.join(", ")}${near === undefined ? "" : `; did you mean "${near}"?`}`
}
