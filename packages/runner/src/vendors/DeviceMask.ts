import type { Device } from "@rigbook/core"

/** A variable by which a user hides GPUs, and its effect. */
export interface DeviceMask {
  readonly variable: string
  readonly value: string
  /** Names of the GPUs that it hides. */
  readonly hidden: ReadonlyArray<string>
}

/**
 * The GPUs that a user's own `variables` leave visible, in their order, and the variables that are set: this program starts
 * engines, so it obeys them too. Each variable counts what those before it have left. Pure.
 */
export const maskedDevices = (
  devices: ReadonlyArray<Device>,
  variables: ReadonlyArray<string>,
  environment: Readonly<Record<string, string | undefined>>,
): { readonly visible: ReadonlyArray<Device>; readonly masks: ReadonlyArray<DeviceMask> } => {
  let visible = devices
  const masks: Array<DeviceMask> = []
  for (const variable of variables) {
    const value = environment[variable]
    if (value === undefined || devices.length === 0) continue
    const numberOf = (device: Device): number | undefined =>
      masks.length === 0 ? device.index : visible.indexOf(device)
    const left = leftBy(value, visible, numberOf)
    const hidden = visible.filter((device) => !left.includes(device)).map(({ name }) => name)
    masks.push({ variable, value, hidden })
    visible = left
  }
  return { visible, masks }
}

/**
 * What a list of numbers and UUIDs leaves, by CUDA's rules: nothing if it is empty, nothing from the first entry on
 * that names no GPU, and none twice. Numbers are those of the vendor's tools; the beginning of a UUID is
 * enough. Source: CUDA C++ Programming Guide, "CUDA Environment Variables"; AMD's lists are of the same form.
 */
const leftBy = (
  value: string,
  devices: ReadonlyArray<Device>,
  numberOf: (device: Device) => number | undefined,
): ReadonlyArray<Device> => {
  const left: Array<Device> = []
  for (const entry of value.split(",").map((text) => text.trim())) {
    const found = /^\d+$/.test(entry)
      ? devices.filter((device) => numberOf(device) === Number(entry))
      : devices.filter(({ id }) => /^[A-Z]+-/.test(entry) && id.toLowerCase().startsWith(entry.toLowerCase()))
    const [only] = found
    if (only === undefined || found.length > 1) break
    if (!left.includes(only)) left.push(only)
  }
  return left
}

/** Such as `CUDA_VISIBLE_DEVICES=1 hides NVIDIA GeForce RTX 4090.`; `undefined` if it hides none. Pure. */
export const maskText = ({ hidden, value, variable }: DeviceMask): string | undefined =>
  hidden.length === 0 ? undefined : `${variable}=${value} hides ${hidden.join(" and ")}.`
