import { type Device, type DeviceId, type Host, type Vendor } from "@rigbook/core"
import { Effect } from "effect"
import { amd } from "./Amd.ts"
import { type DeviceMask, maskedDevices } from "./DeviceMask.ts"
import { nvidia } from "./Nvidia.ts"

const known: Array<Vendor> = [nvidia, amd]

/** The vendors that this process knows. Another one is a file, and an entry here, or comes from a plugin. */
export const VENDORS: ReadonlyArray<Vendor> = known

/**
 * Adds vendors of plugins, before this process looks for GPUs: modules are never unloaded, and names of devices are the
 * same everywhere in it. Returns those whose alias another one has, which are left out.
 */
export const addVendors = (vendors: ReadonlyArray<Vendor>): ReadonlyArray<Vendor> =>
  vendors.filter((vendor) => {
    const same = known.find(({ alias, id }) => id === vendor.id || alias === vendor.alias)
    if (same === undefined) known.push(vendor)
    return same !== undefined && same.id !== vendor.id
  })

/** Ids of the vendors whose driver answers on this machine. */
export const presentVendors: Effect.Effect<ReadonlyArray<string>> = Effect.map(
  Effect.filter(VENDORS, ({ present }) => present, { concurrency: "unbounded" }),
  (vendors) => vendors.map(({ id }) => id),
)

/** All GPUs of this machine, those that the user's own variables leave visible, and the variables that hide some. */
export const gpusHere: Effect.Effect<{
  readonly all: ReadonlyArray<Device>
  readonly visible: ReadonlyArray<Device>
  readonly masks: ReadonlyArray<DeviceMask>
}> = Effect.map(
  Effect.forEach(
    VENDORS,
    ({ discover, masks }) => Effect.map(discover, (all) => ({ all, ...maskedDevices(all, masks, process.env) })),
    { concurrency: "unbounded" },
  ),
  (found) => ({
    all: found.flatMap(({ all }) => all),
    visible: found.flatMap(({ visible }) => visible),
    masks: found.flatMap(({ masks }) => masks),
  }),
)

/** The variables by which a child process finds these GPUs of `host` alone, of each vendor in this order. Pure. */
export const restrictedTo = (ids: ReadonlyArray<DeviceId>, host: Host): Readonly<Record<string, string>> => {
  const gpus = ids.flatMap((id) => host.devices.find((device) => device.id === id && device.kind === "gpu") ?? [])
  return Object.assign(
    {},
    ...VENDORS.map(({ id, restrict }) => restrict(gpus.filter(({ vendor = FIRST }) => vendor === id))),
  )
}

/** Whose a GPU is that names no vendor: of a host that is only described. */
const FIRST = VENDORS[0]!.id

/** What a GPU is called in configs and on screens, such as `cuda:0`; `undefined` for devices without a number. Pure. */
export const aliasOf = ({ index, vendor = FIRST }: Pick<Device, "index" | "vendor">): string | undefined =>
  index === undefined ? undefined : `${VENDORS.find(({ id }) => id === vendor)?.alias ?? vendor}:${index}`
