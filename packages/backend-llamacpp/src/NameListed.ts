import type { Device, DeviceId } from "@rigbook/core"
import { Result } from "effect"
import type { Program } from "./Program.ts"
import { BUILD_OF } from "./Recipe.ts"
import { endpointOf } from "./Rpc.ts"

/** A device as llama.cpp lists it. */
export interface ListedDevice {
  readonly name: string
  readonly description: string
}

/** A device of a placement, and llama.cpp's own name for it, such as `CUDA0`. */
export interface NamedDevice {
  readonly id: DeviceId
  readonly name: string
  /** Its server's address, if it is behind one. */
  readonly endpoint?: string
}

/** Why devices can't be named, and what to do about the program. */
interface Unnamed {
  readonly why: string
  readonly fix: (program: Program) => string
}

/** Backends of llama.cpp that are shown the placement's GPUs alone, in its order. */
const SHOWN = /^(?:CUDA|ROCm)\d+$/

/**
 * Finds each device in a list, or says which is missing. An RPC server is known by its address, a GPU by its place where
 * its backend is shown no other (`in order`: they all are), else by the name that its driver gives it. Where several have
 * the name, `byOrder` is true: they are taken in the order in which both list them, which may be wrong. Pure.
 */
export const nameListed = (
  ids: ReadonlyArray<DeviceId>,
  listed: ReadonlyArray<ListedDevice>,
  devices: ReadonlyArray<Device>,
  order?: "in order",
): Result.Result<{ readonly devices: ReadonlyArray<NamedDevice>; readonly byOrder: boolean }, Unnamed> => {
  const gpus = ids.filter((id) => endpointOf(id) === undefined)
  const local = listed.filter(({ name }) => !/^RPC\d+$/.test(name))
  const found = inOrder(gpus, local, order) ?? byName(gpus, local, devices)
  if (found === undefined) return Result.fail(unnamed(gpus, local, devices))
  const named: Array<NamedDevice> = []
  for (const id of ids) {
    const endpoint = endpointOf(id)
    if (endpoint === undefined) {
      named.push({ id, name: found.names[gpus.indexOf(id)]! })
      continue
    }
    const behind = listed.filter(({ description, name }) => name.startsWith("RPC") && description === endpoint)
    if (behind.length !== 1) {
      const count = behind.length === 0 ? "no device" : `${behind.length} devices`
      return Result.fail({ why: `finds ${count} behind ${endpoint}`, fix: () => ONE_BEHIND })
    }
    named.push({ id, name: behind[0]!.name, endpoint })
  }
  return Result.succeed({ devices: named, byOrder: found.byOrder })
}

interface Found {
  /** One for each GPU. */
  readonly names: ReadonlyArray<string>
  readonly byOrder: boolean
}

const inOrder = (
  gpus: ReadonlyArray<DeviceId>,
  local: ReadonlyArray<ListedDevice>,
  order: "in order" | undefined,
): Found | undefined => {
  const shown = order === undefined ? local.filter(({ name }) => SHOWN.test(name)) : local
  return shown.length === gpus.length ? { names: shown.map(({ name }) => name), byOrder: false } : undefined
}

/** Each by its driver's name; `undefined` if one of them is uncertain. */
const byName = (
  gpus: ReadonlyArray<DeviceId>,
  local: ReadonlyArray<ListedDevice>,
  devices: ReadonlyArray<Device>,
): Found | undefined => {
  const found = gpus.map((gpu) => oneByName(gpu, local, devices))
  const certain = found.filter((one) => one !== undefined)
  return certain.length < gpus.length
    ? undefined
    : { names: certain.map(({ name }) => name), byOrder: certain.some(({ byOrder }) => byOrder) }
}

const oneByName = (gpu: DeviceId, local: ReadonlyArray<ListedDevice>, devices: ReadonlyArray<Device>) => {
  const driver = devices.find(({ id }) => id === gpu)
  if (driver?.index === undefined) return undefined
  const { index, name } = driver
  // Some Vulkan drivers add to the name, such as `AMD Radeon RX 7900 XTX (RADV NAVI31)`.
  const alike = local.filter(({ description }) => description === name || description.startsWith(`${name} (`))
  const twins = devices.filter((other) => other.kind === "gpu" && other.name === name)
  const before = twins.filter((other) => other.index! < index).length
  // Vulkan also lists GPUs that the user has hidden from Rigbook: if all are alike, their numbers on the bus are those in the list.
  const areHidden = alike.length > twins.length && alike.length === local.length
  const listed = alike.length === twins.length ? alike[before] : areHidden ? alike[index] : undefined
  return listed && { name: listed.name, byOrder: alike.length > 1 }
}

const unnamed = (
  gpus: ReadonlyArray<DeviceId>,
  local: ReadonlyArray<ListedDevice>,
  devices: ReadonlyArray<Device>,
): Unnamed => {
  const wanted = gpus.join(" and ")
  const vendor = devices.find(({ id }) => id === gpus[0])?.vendor ?? "nvidia"
  const fix = (program: Program): string => fixFor(program, vendor)
  if (local.length === 0) return { why: "finds no GPU", fix }
  const found = local.map(({ description, name }) => `${name} (${description})`).join(", ")
  return { why: `finds ${found}: which of them is ${wanted} is uncertain`, fix }
}

/** The command that brings a llama-server for this vendor's GPUs; or what to check if it is installed. */
const fixFor = (program: Program, vendor: string): string => {
  const build = BUILD_OF[vendor] ?? "vulkan"
  if (program.computes === build) return `See what \`${program.path} --list-devices\` says of the driver.`
  const instead = program.origin === "named" ? "Leave out the `binary` that is named, and run" : "Run"
  return `${instead} \`rigbook setup llamacpp --build ${build}\`.`
}

const ONE_BEHIND = "Start one ggml-rpc-server of the same llama.cpp version, with one device, at each address of `rpc`."
