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
 * Finds each device in a list, or says which is missing. An RPC server is identified by its address. CUDA sees the
 * placement's GPUs only, in its order; Vulkan can't be restricted by UUID, so there a match is certain only if it lists
 * one, by the name that the driver gives the GPU: it may be another, such as an integrated GPU. Pure.
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
  const named = gpus.map((gpu) => drivers.find(({ id }) => id === gpu)?.name)
  const isOnly = gpus.length === 1 && named[0] !== undefined && local[0]?.description.includes(named[0])
  const certain = gpus.length === local.length && (isOnly || local.every(({ name }) => /^CUDA\d+$/.test(name)))
  if (gpus.length > 0 && !certain) {
    const found = local.map(({ description, name }) => `${name} (${description})`).join(", ")
    return Result.fail({ why: `finds ${found}: which of them is ${wanted} is uncertain`, fix: UNCERTAIN })
  }
  const names: Array<NamedDevice> = []
  for (const id of ids) {
    const endpoint = endpointOf(id)
    if (endpoint === undefined) {
      names.push({ id, name: local[gpus.indexOf(id)]!.name })
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

interface Unnamed {
  readonly why: string
  readonly fix: string
}

const NO_GPU =
  "Name a llama-server built for this GPU as `binary`, install its Vulkan driver, or place the model on cpu."
const UNCERTAIN = "Name a llama-server built with CUDA as `binary`: it can select a GPU by its UUID."
const ONE_BEHIND = "Start one ggml-rpc-server of the same llama.cpp version, with one device, at each address of `rpc`."
