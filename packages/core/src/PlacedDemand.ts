import type { AnyBackend, DemandInput } from "./Backend.ts"
import type { DeviceDemand } from "./placement/Demand.ts"
import type { Placement } from "./placement/Placement.ts"

/** A backend's demand by device as a function of the placement: its own rule, or all on each device where it has none. */
export const placedDemand =
  <R>(
    { demand, demandOf }: Pick<AnyBackend<R>, "demand" | "demandOf">,
    input: Omit<DemandInput<unknown>, "placement">,
  ) =>
  (placement: Placement): ReadonlyArray<DeviceDemand> => {
    if (demandOf !== undefined) return demandOf({ ...input, placement })
    const { parts } = demand(input.model, input.config, input.scenario)
    return placement.devices.map((device) => ({ device, parts }))
  }
