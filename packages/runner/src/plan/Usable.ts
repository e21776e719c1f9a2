import { type DeviceId, type Host, type PlacementRequest, Refusal } from "@rigbook/core"
import { aliasOf } from "../vendors/Vendors.ts"
import type { EngineFacts } from "./Facts.ts"
import { deviceNamed } from "./ResolvePlacement.ts"

type Engine = Pick<EngineFacts<unknown>, "backend" | "host" | "unusable">

/** The host without the GPUs that the engine can't be put on. Pure. */
export const usableHost = ({ host, unusable }: Pick<Engine, "host" | "unusable">): Host =>
  unusable.length === 0
    ? host
    : host.with(host.devices.slice(1).filter(({ id }) => unusable.every(({ device }) => device !== id)))

/** Why a device that a config names can't be placed on by this engine; `undefined` where it can. Pure. */
export const whyBarred = (requested: PlacementRequest, { backend, host, unusable }: Engine): string | undefined => {
  const names = typeof requested === "string" ? [requested] : requested.devices
  const ids = new Set(names.map((name) => deviceNamed(name, host)?.id))
  const [first] = unusable.filter(({ device }) => ids.has(device))
  return first && `${backend.id} can't use ${shownAs(first.device, host)}: ${first.why} ${first.fix}`
}

/** A strategy that was offered no GPU can't know that there are some. Pure. */
export const truly = (
  refusal: Refusal,
  { backend, unusable }: Pick<Engine, "backend" | "unusable">,
  offered: Host,
): Refusal =>
  unusable.length === 0 || offered.devices.length > 1 || refusal.strategy === "cpu"
    ? refusal
    : new Refusal({ strategy: refusal.strategy, reason: `${backend.id} can use no GPU of this host` })

const shownAs = (id: DeviceId, { devices }: Host): string => {
  const device = devices.find((candidate) => candidate.id === id)
  return (device && aliasOf(device)) ?? id
}
