import type { Planned } from "../scenario/ModelConfig.ts"

/** A model that is planned and has no valid run yet. */
export interface NextStep {
  /** The config's id. */
  readonly id: string
  readonly name: string
  /** `normal` if the config does not set it. */
  readonly priority: Planned["priority"]
  /** The model's intended use, if the config states it. */
  readonly use?: string
  /** Why it is still to do, in words. */
  readonly because: string
}
