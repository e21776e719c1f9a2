import type { Effect } from "effect"
import type { Action } from "../CarryOut.ts"

/** What a command calls with its input, read and checked: the action to carry out. */
export type Choose = (action: Action) => Effect.Effect<void>
