import type { NodeServices } from "@effect/platform-node"
import type { AnyBackend, Backends } from "@rigbook/core"
import { Effect } from "effect"

type Services = NodeServices.NodeServices

/** The same backends, each installing its engine when it is missing and needed. */
export const installing = (from: Backends<Services>): Backends<Services> => ({
  ids: from.ids,
  get: (id) => Effect.map(from.get(id), (backend) => (backend === undefined ? undefined : installed(backend))),
})

const installed = (backend: AnyBackend<Services>): AnyBackend<Services> => {
  const { machine, probe } = backend
  const setup = machine?.setup
  if (setup === undefined) return backend
  return {
    ...backend,
    probe: (config, options) =>
      probe(config, options).pipe(
        Effect.catch((error) =>
          error.reason._tag === "NotInstalled" ? Effect.andThen(setup, probe(config, options)) : Effect.fail(error),
        ),
      ),
  }
}
