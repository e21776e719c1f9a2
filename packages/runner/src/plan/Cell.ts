import type {
  AnyBackend,
  BackendError,
  CellSpec,
  DeviceDemand,
  ModelFiles,
  PlacementRequest,
  PromptSet,
  Ramp,
  ReferenceModel,
} from "@rigbook/core"

/** A cell that can be run: what it is, and the values that running it takes. */
export interface Cell<R = never> {
  readonly spec: CellSpec
  /** The placement that the config requests. */
  readonly requested: PlacementRequest
  readonly backend: AnyBackend<R>
  /** The backend's options, decoded. */
  readonly options: unknown
  /** What the plan was based on; the weights are fetched when the cell runs. */
  readonly files: ModelFiles
  readonly prompts: PromptSet
  /** The model that its model is compared with. */
  readonly reference?: ReferenceModel
  /** Memory that each device of the placement is estimated to need. */
  readonly demand: ReadonlyArray<DeviceDemand>
  /** The ramp whose rung it is: it is run only when none of the rungs below has ended that. */
  readonly ramp?: RampPlace
  /** Why it can't be started, if known: its engine is missing, or its server does not answer. */
  readonly failure?: BackendError
}

/**
 * A cell's place in a ramp, and when the ramp ends: below `gain`, the least share (0 to 1) by which throughput must
 * grow from rung to rung, or below `good`, the share (0 to 1) of requests that must meet the objectives.
 */
export interface RampPlace extends Pick<Ramp, "gain" | "good"> {
  /** Identities of the rungs below, the lowest first. */
  readonly below: ReadonlyArray<string>
}
