import { Effect } from "effect"
import type { Backend } from "./Backend.ts"
import { Demand } from "./placement/Demand.ts"
import { cpu, single } from "./placement/Placement.ts"

/** What an author can't leave out. */
export type Needed = "id" | "description" | "tasks" | "config" | "probe" | "inspect" | "open"

/**
 * A backend from its essentials. What is left out: there is nothing to set up, `check` finds nothing, `demand` is
 * the weights, placements are one GPU, else the processor, and nothing but the devices is compared with what is
 * in force.
 */
export const makeBackend = <Config, R = never>(
  backend: Pick<Backend<Config, R>, Needed> & Partial<Omit<Backend<Config, R>, Needed>>,
): Backend<Config, R> => ({
  check: () => Effect.succeed([]),
  demand: ({ weightBytes }) =>
    new Demand({ parts: [{ name: "weights", bytes: weightBytes, basis: "exact", formula: "Σ bytes of all tensors" }] }),
  strategies: [single, cpu],
  requested: () => ({}),
  ...backend,
})
