import type { Planned } from "../scenario/ModelConfig.ts"

/** A model that is planned and has no valid run yet. */
export interface NextStep {
  /** The config's id. */
  readonly id: string
  readonly name: string
  /** `normal` for a config that says nothing of it. */
  readonly priority: Planned["priority"]
  /** What the model is wanted for, where the config says so. */
  readonly use?: string
  /** Why it is still to be done, in words. */
  readonly because: string
}
