import type { Placement } from "@rigbook/core"
import type { Options } from "./Options.ts"

/** Processes that the model is split over or copied to, by their names in the engine's log. */
export interface Split {
  /** Share each layer. */
  readonly tensorParallel: number
  /** Hold a range of layers each. */
  readonly pipelineParallel: number
  /** Hold the complete model each. */
  readonly replicas: number
  /** Each process holds complete experts of a mixture's layers, instead of a part of each. */
  readonly expertParallel?: true
}

/** What a placement means for the engine: its strategy says how, its devices or its degree how many. */
export const splitOf = ({ nodes }: Options, { degree, devices, strategy }: Placement): Split => {
  const count = degree ?? devices.length
  const machines = strategy === "nodes" && nodes !== undefined ? 1 + nodes.others.length : 1
  return {
    tensorParallel: strategy === "tensor" || strategy === "expert" || strategy === "nodes" ? count / machines : 1,
    pipelineParallel: strategy === "pipeline" ? count : machines,
    replicas: strategy === "replicas" ? count : 1,
    ...(strategy === "expert" ? { expertParallel: true } : {}),
  }
}
