import type { DeviceReading, DeviceSource } from "@rigbook/core"
import { Context, Effect, Result, type Scope } from "effect"
import { openAmdSmi } from "./AmdSmi.ts"
import { openNvidiaSmi } from "./NvidiaSmiSource.ts"
import { findNvml, openNvml } from "./Nvml.ts"
import { openRocmSmi } from "./RocmSmi.ts"

/** What reads this machine's devices, and why others don't. */
export interface OpenSources {
  readonly sources: ReadonlyArray<DeviceSource>
  /** Such as `nvidia-smi: not installed`. */
  readonly problems: ReadonlyArray<string>
}

/** Finds what can read this machine's devices; it is open as long as the scope. */
export class DeviceSources extends Context.Reference<Effect.Effect<OpenSources, never, Scope.Scope>>(
  "rigbook/DeviceSources",
  { defaultValue: () => Effect.suspend(() => openSources(findNvml())) },
) {}

/** NVML if the driver's library is installed, else nvidia-smi; and amd-smi, else its predecessor rocm-smi. */
export const openSources = Effect.fn("DeviceSources.openSources")(function* (
  nvml: string | undefined,
): Effect.fn.Return<OpenSources, never, Scope.Scope> {
  const library = yield* Effect.result(openNvml(nvml))
  const program = Result.isSuccess(library) ? [] : [yield* Effect.result(openNvidiaSmi)]
  const amd = yield* Effect.result(openAmdSmi)
  const predecessor = Result.isSuccess(amd) ? [] : [yield* Effect.result(openRocmSmi)]
  const tried = [library, ...program, amd, ...predecessor]
  return {
    sources: tried.filter(Result.isSuccess).map(({ success }) => success),
    problems: tried.filter(Result.isFailure).map(({ failure }) => failure.message),
  }
})

/** One reading of every device. */
export const readDevices = ({ sources }: OpenSources): ReadonlyArray<DeviceReading> =>
  sources.flatMap(({ read }) => read())
