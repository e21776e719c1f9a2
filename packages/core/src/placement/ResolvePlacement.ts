import { Result } from "effect"
import { type Device, type DeviceId, Host } from "../host/Host.ts"
import { closestKey } from "../config/SchemaProblem.ts"
import type { Demand } from "./Demand.ts"
import type { Placement, Strategy } from "./Placement.ts"

/**
 * Finds the placement for a config's word: `auto` takes the first strategy that has one, a device's name the
 * first placement that is on that device alone. Or says in a sentence why there is none. Pure.
 */
export const resolvePlacement = <Config>(
  requested: string,
  host: Host,
  demand: Demand,
  config: Config,
  strategies: ReadonlyArray<Strategy<Config>>,
): Result.Result<Placement, string> => {
  const device = requested === "auto" ? undefined : deviceNamed(requested, host)
  if (requested !== "auto" && device === undefined) return Result.fail(unknownDevice(requested, host))
  const offered = device?.kind === "gpu" ? hostWith(host, device) : host
  const refusals: Array<string> = []
  for (const { id, place } of strategies) {
    const placed = place({ host: offered, demand, config })
    if (Result.isFailure(placed)) refusals.push(`${id}: ${placed.failure.reason}`)
    else {
      const fitting = placed.success.find(({ devices }) => device === undefined || isOnly(devices, device.id))
      if (fitting !== undefined) return Result.succeed(fitting)
    }
  }
  return Result.fail(
    refusals.length > 0 ? `no placement is possible: ${refusals.join("; ")}` : `no strategy places it on ${requested}`,
  )
}

/** The host as if it had but this GPU, so that refusals speak of it and not of a larger one. */
const hostWith = ({ cpu, devices: [first], fingerprint, kernel, memoryBytes, os }: Host, gpu: Device): Host =>
  new Host({ cpu, devices: [first, gpu], fingerprint, kernel, memoryBytes, os })

const isOnly = (devices: ReadonlyArray<DeviceId>, id: DeviceId): boolean => devices.length === 1 && devices[0] === id

/** The device that a config means: by its id, or `cuda:<index>`. */
export const deviceNamed = (name: string, { devices }: Host): Device | undefined =>
  devices.find(({ id, index }) => id === name || (index !== undefined && name === `cuda:${index}`))

export const unknownDevice = (name: string, { devices }: Host): string => {
  const names = devices.flatMap(({ id, index }) => (index === undefined ? [id] : [`cuda:${index}`, id]))
  const near = closestKey(name, names)
  return `unknown device "${name}"; this host has ${names.join(", ")}${near === undefined ? "" : `; did you mean "${near}"?`}`
}
