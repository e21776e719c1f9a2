import type { AnyBackend, DemandInput } from "./Backend.ts"
import { complete } from "./Complete.ts"
import type { DeviceDemand } from "./placement/Demand.ts"
import type { Placement } from "./placement/Placement.ts"

/** A backend's demand by device as a function of the placement: its own rule, or by default all on each device. */
export const placedDemand = <R>(backend: AnyBackend<R>, input: Omit<DemandInput<unknown>, "placement">) => {
  const { demandOf } = complete(backend)
  return (placement: Placement): ReadonlyArray<DeviceDemand> => demandOf({ ...input, placement })
}
