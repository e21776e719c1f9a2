import { type BackendError, type Device, type DeviceId, type Placement, Unsupported } from "@rigbook/core"
import { shortCommand } from "@rigbook/core/engine"
import { Effect, Result } from "effect"
import { devicesOf } from "./Layers.ts"
import { environmentOf, fail, type Program } from "./Program.ts"
import { endpointOf } from "./Rpc.ts"

/** A device as llama.cpp lists it. */
export interface ListedDevice {
  readonly name: string
  readonly description: string
}

/** Reads what `llama-server --list-devices` prints. */
export const listedDevices = (output: string): ReadonlyArray<ListedDevice> =>
  [...output.matchAll(/^ {2}(\w+): (.+) \(\d+ MiB, \d+ MiB free\)$/gm)].map(([, name, description]) => ({
    name: name!,
    description: description!,
  }))

/** A device of a placement, and llama.cpp's own name for it, such as `CUDA0`. */
export interface NamedDevice {
  readonly id: DeviceId
  readonly name: string
  /** Its server's address, if it is behind one. */
  readonly endpoint?: string
}

/** The devices of a placement that are GPUs of this machine. */
export const gpusOf = (placement: Placement): ReadonlyArray<DeviceId> =>
  devicesOf(placement).filter((id) => endpointOf(id) === undefined)

/**
 * llama.cpp's own names of a placement's devices, in its order; none if the processor computes. `drivers` are
 * the GPUs as their driver names them.
 */
export const nameDevices: (
  program: Program,
  placement: Placement,
  drivers: ReadonlyArray<Device>,
) => Effect.Effect<ReadonlyArray<NamedDevice>, BackendError> = Effect.fn("Devices.nameDevices")(
  function* (program, placement, drivers) {
    const ids = devicesOf(placement)
    if (ids.length === 0) return []
    const gpus = gpusOf(placement)
    const endpoints = ids.flatMap((id) => endpointOf(id) ?? [])
    // In this order: devices that come later are not listed.
    const args = [...(endpoints.length === 0 ? [] : ["--rpc", endpoints.join(",")]), "--list-devices"]
    const { stderr, stdout } = yield* shortCommand(program.path, args, { env: environmentOf(program, gpus) }).pipe(
      Effect.mapError((cause) =>
        fail(
          new Unsupported({
            detail: `${program.path} can't list devices: ${cause.message}.`,
            fix: "Place the model on cpu.",
          }),
          cause.output.split("\n"),
        ),
      ),
    )
    const named = nameListed(ids, listedDevices(`${stdout}\n${stderr}`), drivers)
    if (Result.isSuccess(named)) return named.success
    const { fix, why } = named.failure
    return yield* fail(new Unsupported({ detail: `${program.path} ${why}.`, fix }), stdout.split("\n"))
  },
)

/**
 * Finds each device in a list, or says which is missing. An RPC server is identified by its address. CUDA and ROCm see the
 * placement's GPUs only, in its order; Vulkan can't be restricted by UUID: there a GPU is the device of the name that its
 * driver gives it, and among several of one name they are matched in the order of the bus. Witnesses prove afterwards
 * where the model was. Pure.
 */
export const nameListed = (
  ids: ReadonlyArray<DeviceId>,
  listed: ReadonlyArray<ListedDevice>,
  drivers: ReadonlyArray<Device>,
): Result.Result<ReadonlyArray<NamedDevice>, Unnamed> => {
  const local = listed.filter(({ name }) => !/^RPC\d+$/.test(name))
  const gpus = ids.filter((id) => endpointOf(id) === undefined)
  const wanted = gpus.join(" and ")
  if (gpus.length > 0 && local.length === 0)
    return Result.fail({ why: `finds no GPU, so the model can't be put on ${wanted}`, fix: NO_GPU })
  const shown = local.filter(({ name }) => /^(CUDA|ROCm)\d+$/.test(name))
  const found = gpus.map((gpu, index) =>
    shown.length === 0 ? byName(gpu, local, drivers) : gpus.length === shown.length ? shown[index] : undefined,
  )
  if (found.includes(undefined)) {
    const names = local.map(({ description, name }) => `${name} (${description})`).join(", ")
    return Result.fail({ why: `finds ${names}: which of them is ${wanted} is uncertain`, fix: UNCERTAIN })
  }
  const names: Array<NamedDevice> = []
  for (const id of ids) {
    const endpoint = endpointOf(id)
    if (endpoint === undefined) {
      names.push({ id, name: found[gpus.indexOf(id)]!.name })
      continue
    }
    const behind = listed.filter(({ description, name }) => name.startsWith("RPC") && description === endpoint)
    if (behind.length !== 1) {
      const count = behind.length === 0 ? "no device" : `${behind.length} devices`
      return Result.fail({ why: `finds ${count} behind ${endpoint}`, fix: ONE_BEHIND })
    }
    names.push({ id, name: behind[0]!.name, endpoint })
  }
  return Result.succeed(names)
}

/** The listed device that is this GPU; `undefined` if that is uncertain. */
const byName = (
  gpu: DeviceId,
  local: ReadonlyArray<ListedDevice>,
  drivers: ReadonlyArray<Device>,
): ListedDevice | undefined => {
  const driver = drivers.find(({ id }) => id === gpu)
  if (driver?.index === undefined) return undefined
  const { index, name } = driver
  // Some Vulkan drivers add to the name, such as `AMD Radeon RX 7900 XTX (RADV NAVI31)`.
  const alike = local.filter(({ description }) => description === name || description.startsWith(`${name} (`))
  const twins = drivers.filter((other) => other.kind === "gpu" && other.name === name)
  const before = twins.filter((other) => other.index! < index).length
  if (alike.length === twins.length) return alike[before]
  // Vulkan also lists GPUs that the user has hidden from Rigbook: if all are alike, their numbers on the bus are those in the list.
  return alike.length > twins.length && alike.length === local.length ? alike[index] : undefined
}

interface Unnamed {
  readonly why: string
  readonly fix: string
}

const NO_GPU =
  "Name a llama-server built for this GPU as `binary`, install its Vulkan driver, or place the model on cpu."
const UNCERTAIN = "Name a llama-server built with CUDA as `binary`: it can select a GPU by its UUID."
const ONE_BEHIND = "Start one ggml-rpc-server of the same llama.cpp version, with one device, at each address of `rpc`."
