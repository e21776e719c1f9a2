import { CPU, type Placement } from "@rigbook/core"
import { machinesOf } from "./Nodes.ts"
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
export const splitOf = (options: Options, placement: Placement): Split => {
  const { degree, devices, strategy } = placement
  const count = degree ?? devices.length
  const machines = machinesOf(options, placement)
  // On processors results of layers can't be passed on: see the strategy pipeline.
  if (strategy === "nodes" && devices[0] === CPU) return { tensorParallel: machines, pipelineParallel: 1, replicas: 1 }
  return {
    tensorParallel: strategy === "tensor" || strategy === "expert" || strategy === "nodes" ? count / machines : 1,
    pipelineParallel: strategy === "pipeline" ? count : machines,
    replicas: strategy === "replicas" ? count : 1,
    ...(strategy === "expert" ? { expertParallel: true } : {}),
  }
}
