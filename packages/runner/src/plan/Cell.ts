import type {
  AnyBackend,
  BackendError,
  CellSpec,
  DeviceDemand,
  ModelFiles,
  PlacementRequest,
  PromptSet,
  Ramp,
} from "@rigbook/core"

/** A cell that can be run: what it is, and the values that running it takes. */
export interface Cell<R = never> {
  readonly spec: CellSpec
  /** Where the config asks for it to be put. */
  readonly requested: PlacementRequest
  readonly backend: AnyBackend<R>
  /** The backend's options, decoded. */
  readonly options: unknown
  /** What was planned by; the weights are brought here when the cell is run. */
  readonly files: ModelFiles
  readonly prompts: PromptSet
  /** Memory that each device of the placement is estimated to need. */
  readonly demand: ReadonlyArray<DeviceDemand>
  /** The ramp whose rung it is: it is run only when none of the rungs below has ended that. */
  readonly ramp?: RampPlace
  /** Why it can't be started, where that is known already: its engine is not there, or its server does not answer. */
  readonly failure?: BackendError
}

/**
 * Where a cell stands in a ramp, and when that ends: below `gain`, the least share (0 to 1) by which the throughput has to
 * grow from rung to rung, or below `good`, the share (0 to 1) of the requests that have to meet the objectives.
 */
export interface RampPlace extends Pick<Ramp, "gain" | "good"> {
  /** Identities of the rungs below, the lowest first. */
  readonly below: ReadonlyArray<string>
}
