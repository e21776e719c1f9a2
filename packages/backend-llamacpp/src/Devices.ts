import { type BackendError, type DeviceId, type OpenInput, type Placement, Unsupported } from "@rigbook/core"
import { shortCommand } from "@rigbook/core/engine"
import { Effect, Result } from "effect"
import { devicesOf } from "./Layers.ts"
import { type ListedDevice, type NamedDevice, nameListed } from "./NameListed.ts"
import type { Options } from "./Options.ts"
import { environmentOf, fail, type Program } from "./Program.ts"
import { endpointOf } from "./Rpc.ts"
import { vulkanNumbers } from "./VulkanNumbers.ts"

/** Reads what `llama-server --list-devices` prints. */
export const listedDevices = (output: string): ReadonlyArray<ListedDevice> =>
  [...output.matchAll(/^ {2}(\w+): (.+) \(\d+ MiB, \d+ MiB free\)$/gm)].map(([, name, description]) => ({
    name: name!,
    description: description!,
  }))

/** The devices of a placement that are GPUs of this machine. */
export const gpusOf = (placement: Placement): ReadonlyArray<DeviceId> =>
  devicesOf(placement).filter((id) => endpointOf(id) === undefined)

/** What devices are named by: the placement, the host's devices as their drivers name them, and what a child finds. */
export type Naming = Pick<OpenInput<Options>, "placement" | "host" | "visible">

/** A placement's devices in its order, and the variables under which llama.cpp calls them so. */
export interface Named {
  readonly devices: ReadonlyArray<NamedDevice>
  readonly env: Readonly<Record<string, string>>
}

/**
 * llama.cpp's own names of a placement's devices; none when the processor is to compute. CUDA and ROCm are shown the
 * placement's GPUs alone, in its order. Vulkan finds all that there are: one is known by a name that no other has, else by
 * the UUID that its driver gives it in Vulkan, and then Vulkan, too, is shown the placement's alone.
 */
export const nameDevices: (program: Program, naming: Naming) => Effect.Effect<Named, BackendError> = Effect.fn(
  "Devices.nameDevices",
)(function* (program, { host, placement, visible }) {
  const ids = devicesOf(placement)
  if (ids.length === 0) return { devices: [], env: visible }
  const listed = yield* list(program, ids, visible)
  const named = nameListed(ids, listed.devices, host.devices)
  if (Result.isSuccess(named) && !named.success.byOrder) return { devices: named.success.devices, env: visible }
  const numbers = yield* vulkanNumbers(program, gpusOf(placement), visible)
  if (numbers !== undefined) {
    const env = { ...visible, GGML_VK_VISIBLE_DEVICES: numbers.join(",") }
    const alone = yield* list(program, ids, env)
    const certain = nameListed(ids, alone.devices, host.devices, "in order")
    if (Result.isSuccess(certain)) return { devices: certain.success.devices, env }
  }
  if (Result.isSuccess(named)) return { devices: named.success.devices, env: visible }
  const { fix, why } = named.failure
  return yield* fail(new Unsupported({ detail: `${shown(program)} ${why}.`, fix: fix(program) }), listed.output)
})

/** RPC servers first: devices of those that are named later are not listed. */
const list = Effect.fnUntraced(function* (
  program: Program,
  ids: ReadonlyArray<DeviceId>,
  env: Readonly<Record<string, string>>,
) {
  const endpoints = ids.flatMap((id) => endpointOf(id) ?? [])
  const args = [...(endpoints.length === 0 ? [] : ["--rpc", endpoints.join(",")]), "--list-devices"]
  const { stderr, stdout } = yield* shortCommand(program.path, args, { env: environmentOf(program, env) }).pipe(
    Effect.mapError((cause) =>
      fail(
        new Unsupported({
          detail: `${shown(program)} can't list devices: ${cause.message}.`,
          fix: "Place the model on cpu.",
        }),
        cause.output.split("\n"),
      ),
    ),
  )
  return { devices: listedDevices(`${stdout}\n${stderr}`), output: stdout.split("\n") }
})

const shown = ({ origin, path }: Program): string => (origin === "setup" ? "setup's llama-server" : path)
