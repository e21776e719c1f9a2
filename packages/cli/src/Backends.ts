import type { AnyBackend, Backends } from "@rigbook/core"
import type { NodeServices } from "@effect/platform-node"
import { Effect } from "effect"

type Services = NodeServices.NodeServices

/** The only place that names backends. Nothing of a plugin is loaded until it is asked for. */
const LOADERS: Readonly<Record<string, () => Promise<AnyBackend<Services>>>> = {
  llamacpp: async () => (await import("@rigbook/backend-llamacpp")).llamacpp,
  openai: async () => (await import("@rigbook/backend-openai")).openai,
  "sentence-transformers": async () => (await import("@rigbook/backend-sentence-transformers")).sentenceTransformers,
  vllm: async () => (await import("@rigbook/backend-vllm")).vllm,
}

/** The backends that come with the command line, each loaded when it is first asked for. */
export const backends: Backends<Services> = {
  ids: Object.keys(LOADERS),
  get: (id) => {
    const load = Object.hasOwn(LOADERS, id) ? LOADERS[id] : undefined
    return load === undefined ? Effect.succeed(undefined) : Effect.promise(load)
  },
}

/** The same backends, each installing its engine when that is missing and somebody asks for it. */
export const installing = (from: Backends<Services>): Backends<Services> => ({
  ids: from.ids,
  get: (id) => Effect.map(from.get(id), (backend) => (backend === undefined ? undefined : installed(backend))),
})

const installed = (backend: AnyBackend<Services>): AnyBackend<Services> => {
  const { probe, setup } = backend
  if (setup === undefined) return backend
  return {
    ...backend,
    probe: (config) =>
      probe(config).pipe(
        Effect.catch((error) =>
          error.reason._tag === "NotInstalled" ? Effect.andThen(setup, probe(config)) : Effect.fail(error),
        ),
      ),
  }
}
