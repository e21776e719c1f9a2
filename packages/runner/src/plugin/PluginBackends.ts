import type { Backends } from "@rigbook/core"
import { Effect } from "effect"
import { loadBackend } from "./LoadPart.ts"
import { type Part, partsOf } from "./PluginParts.ts"

/** The backends of plugins, each loaded once, when it is first used. `R` is what the program can give to backends. */
export const pluginBackends = <R>(parts: ReadonlyArray<Part>): Backends<R> => {
  const backends = new Map(
    partsOf(parts, "backends").map((part) => [part.about.id, Effect.runSync(Effect.cached(loadBackend<R>(part)))]),
  )
  return { ids: [...backends.keys()], get: (id) => backends.get(id) ?? Effect.succeed(undefined) }
}
