import { Effect } from "effect"
import type { AnyBackend } from "./Backend.ts"
import type { PluginError } from "./Plugin.ts"

/**
 * Finds the plugin for an id; loads it only then. `undefined` for an unknown id, an error if a plugin has it
 * but can't be used.
 */
export interface Backends<R = never> {
  readonly ids: ReadonlyArray<string>
  readonly get: (id: string) => Effect.Effect<AnyBackend<R> | undefined, PluginError>
}
