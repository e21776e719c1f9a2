import type {
  AnyModel,
  BackendError,
  Demand,
  DeviceDemand,
  Host,
  Measured,
  Placement,
  PlacementRequest,
  Refusal,
  Runtime,
  Scenario,
  UnusableDevice,
} from "@rigbook/core"
import type { Cell } from "./Cell.ts"
import type { Fit } from "./Fit.ts"
import type { ExpectedTime } from "./ExpectedTime.ts"
import type { ExpectedSpeed, Speed } from "./Speed.ts"
import type { Known } from "./Known.ts"

/** What is known of a cell before it runs. */
export interface PlannedCell<R = never> {
  /** Named with the mark of the model's weights, as its records are. */
  readonly config: { readonly id: string; readonly name: string; readonly path: string }
  readonly backend: string
  readonly scenario: Scenario
  /** The ramp whose rung it is, by its place from 1: it is run only if none below ends that. */
  readonly rung?: { readonly place: number; readonly of: number }
  /** Its config requests it only if it fits: without a placement it is left out, which is no error. */
  readonly optional?: true
  readonly requested: PlacementRequest
  readonly model: AnyModel
  /** With the devices that the config brings. */
  readonly host: Host
  readonly runtime: Known<Runtime>
  /** Why the engine or its server is missing. */
  readonly failure?: BackendError
  /** GPUs of the host that the engine can't be put on. */
  readonly unusable: ReadonlyArray<UnusableDevice>
  readonly placement: Known<Placement>
  /** By device, in the placement; empty without a placement. */
  readonly demand: ReadonlyArray<DeviceDemand>
  /** What estimated `demand`: the engine's own tool, or formulas and why. */
  readonly demandSource: { readonly by: string } | { readonly absent: string }
  /** Wherever it lies. */
  readonly whole: Demand
  /** Placements that are possible too, and strategies that have none. */
  readonly others: ReadonlyArray<Placement>
  readonly refused: ReadonlyArray<Refusal>
  /** Whether it fits on the GPUs, where there are any. */
  readonly fit: Fit
  /** Tokens that fit in the placement, at most those the model was trained for. */
  readonly longestContext: Measured
  /** An estimate, beside what was measured. */
  readonly speed: Speed
  /** Of answers at the end of the longest context. */
  readonly speedAtLongest?: ExpectedSpeed
  /** How long it will take, in seconds. */
  readonly time: Known<ExpectedTime>
  /** All that is needed to run it; absent if facts were gathered for a plan only. */
  readonly cell: Known<Cell<R>>
}
