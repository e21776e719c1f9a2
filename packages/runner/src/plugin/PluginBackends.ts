import type { Backends } from "@rigbook/core"
import { Effect } from "effect"
import { loadBackend } from "./LoadPart.ts"
import { type Part, partsOf } from "./PluginParts.ts"

/** The backends of plugins, each loaded when it is first used. `R` is what the program can give to backends. */
export const pluginBackends = <R>(parts: ReadonlyArray<Part>): Backends<R> => {
  const backends = new Map(partsOf(parts, "backends").map((part) => [part.about.id, part]))
  return {
    ids: [...backends.keys()],
    get: (id) => {
      const part = backends.get(id)
      return part === undefined ? Effect.succeed(undefined) : loadBackend<R>(part)
    },
  }
}
