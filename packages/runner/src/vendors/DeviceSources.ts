import type { DeviceReading, DeviceSource, Vendor } from "@rigbook/core"
import { Context, Effect, Result, type Scope } from "effect"
import { VENDORS } from "./Vendors.ts"

/** What reads this machine's devices, and why others don't. */
export interface OpenSources {
  readonly sources: ReadonlyArray<DeviceSource>
  /** Such as `nvidia-smi: not installed`. */
  readonly problems: ReadonlyArray<string>
}

/** Finds what can read this machine's devices; it is open as long as the scope. */
export class DeviceSources extends Context.Reference<Effect.Effect<OpenSources, never, Scope.Scope>>(
  "rigbook/DeviceSources",
  { defaultValue: () => Effect.suspend(() => openSources(VENDORS)) },
) {}

/** Of each vendor the first source that can be opened. */
export const openSources = Effect.fn("DeviceSources.openSources")(function* (
  vendors: ReadonlyArray<Pick<Vendor, "read">>,
): Effect.fn.Return<OpenSources, never, Scope.Scope> {
  const sources: Array<DeviceSource> = []
  const problems: Array<string> = []
  for (const { read } of vendors)
    for (const open of read) {
      const tried = yield* Effect.result(open)
      if (Result.isFailure(tried)) problems.push(tried.failure.message)
      else {
        sources.push(tried.success)
        break
      }
    }
  return { sources, problems }
})

/** One reading of every device. */
export const readDevices = ({ sources }: OpenSources): ReadonlyArray<DeviceReading> =>
  sources.flatMap(({ read }) => read())
