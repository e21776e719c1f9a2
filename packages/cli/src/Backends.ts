import type { AnyBackend, Backends } from "@rigbook/core"
import type { NodeServices } from "@effect/platform-node"
import { Effect } from "effect"

type Services = NodeServices.NodeServices

/** The only place that names backends. Nothing of a plugin is loaded until it is asked for. */
const LOADERS: Readonly<Record<string, () => Promise<AnyBackend<Services>>>> = {
  llamacpp: async () => (await import("@rigbook/backend-llamacpp")).llamacpp,
  "sentence-transformers": async () => (await import("@rigbook/backend-sentence-transformers")).sentenceTransformers,
}

export const backends: Backends<Services> = {
  ids: Object.keys(LOADERS),
  get: (id) => {
    const load = Object.hasOwn(LOADERS, id) ? LOADERS[id] : undefined
    return load === undefined ? Effect.succeed(undefined) : Effect.promise(load)
  },
}
