import { type DevicesInput, type DeviceId, Placement, type UnusableDevice } from "@rigbook/core"
import { Effect, type FileSystem } from "effect"
import { nameDevices } from "./Devices.ts"
import type { Options } from "./Options.ts"
import type { Program } from "./Program.ts"
import { findProgram } from "./Runtime.ts"

/** The GPUs that the llama-server which would run does not find, or can't tell from others. */
export const unusable: (
  input: DevicesInput<Options>,
) => Effect.Effect<ReadonlyArray<UnusableDevice>, never, FileSystem.FileSystem> = Effect.fn("Unusable.unusable")(
  function* (input) {
    const gpus = input.host.devices.filter(({ kind }) => kind === "gpu").map(({ id }) => id)
    const program = yield* Effect.result(findProgram(input.config))
    if (gpus.length === 0 || program._tag === "Failure") return [] // the probe has said so
    const key = JSON.stringify([program.success, gpus, input.restrict(gpus)])
    const found = known.get(key) ?? (yield* lookAt(program.success, input, gpus))
    known.set(key, found)
    return found
  },
)

/** Every config with this backend has the same question, and starting a GPU's driver takes time. */
const known = new Map<string, ReadonlyArray<UnusableDevice>>()

const lookAt = Effect.fnUntraced(function* (
  program: Program,
  input: DevicesInput<Options>,
  gpus: ReadonlyArray<DeviceId>,
) {
  if ((yield* whyNot(program, input, gpus)) === undefined) return []
  const each = yield* Effect.forEach(gpus, (gpu) => whyNot(program, input, [gpu]))
  return each.filter((one) => one !== undefined)
})

const whyNot = (program: Program, { host, restrict }: DevicesInput<Options>, gpus: ReadonlyArray<DeviceId>) => {
  const [first, ...rest] = gpus
  const placement = new Placement({ strategy: "layer", devices: [first!, ...rest] })
  return nameDevices(program, { host, placement, visible: restrict(gpus) }).pipe(
    Effect.match({
      onSuccess: () => undefined,
      onFailure: ({ reason }): UnusableDevice => ({ device: first!, why: reason.detail, fix: reason.fix }),
    }),
  )
}
