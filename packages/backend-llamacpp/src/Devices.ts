import {
  CPU,
  shortCommand,
  Unsupported,
  type BackendError,
  type Device,
  type DeviceId,
  type Placement,
} from "@rigbook/core"
import { Effect } from "effect"
import { environmentOf, fail, type Program } from "./Program.ts"

/** A GPU as llama.cpp finds it. */
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

/** The GPU that a placement names; nothing when the processor is to compute. */
export const gpuOf = (placement: Placement): Effect.Effect<DeviceId | undefined, BackendError> => {
  const [device, ...more] = placement.devices
  if (more.length === 0) return Effect.succeed(device === CPU ? undefined : device)
  return fail(
    new Unsupported({
      detail: `llama-server was asked to split the model over ${placement.devices.length} devices (${placement.strategy}).`,
      fix: "Place it on one device: splits are not built yet.",
    }),
  )
}

/**
 * llama.cpp's own name of `gpu`. CUDA is shown that GPU only; Vulkan can't be told by UUID, so there it is certain
 * only where it finds just one, and that one has the name that the driver gives the GPU.
 */
export const nameOfGpu: (
  program: Program,
  gpu: DeviceId,
  drivers: ReadonlyArray<Device>,
) => Effect.Effect<string, BackendError> = Effect.fn("Devices.nameOfGpu")(function* (program, gpu, drivers) {
  const { stderr, stdout } = yield* shortCommand(program.path, ["--list-devices"], {
    env: environmentOf(program, gpu),
  }).pipe(
    Effect.mapError((cause) =>
      fail(
        new Unsupported({ detail: `${program.path} can't list devices: ${cause.message}.`, fix: "Place it on cpu." }),
        cause.output.split("\n"),
      ),
    ),
  )
  const [only, ...more] = listedDevices(`${stdout}\n${stderr}`)
  const wanted = drivers.find(({ id }) => id === gpu)?.name
  // The one that it finds may be another: the processor's own graphics beside a card whose driver is missing.
  if (only !== undefined && more.length === 0 && wanted !== undefined && only.description.includes(wanted))
    return only.name
  return yield* fail(
    only === undefined
      ? new Unsupported({
          detail: `${program.path} finds no GPU, so the model can't be put on ${gpu}.`,
          fix: "Name a llama-server built for this GPU as `binary`, install its Vulkan driver, or place it on cpu.",
        })
      : new Unsupported({
          detail: `${program.path} finds ${[only, ...more].map(({ description, name }) => `${name} (${description})`).join(", ")}: whether one is ${gpu}${wanted === undefined ? "" : ` (${wanted})`} is not certain.`,
          fix: "Name a llama-server built with CUDA as `binary`: that one can be told a GPU by its UUID.",
        }),
    stdout.split("\n"),
  )
})
