import { type AnyBackend, BackendError, type Backends, type HostFacts, NotInstalled } from "@rigbook/core"
import { Effect } from "effect"

/**
 * Backends as they are on another machine: engines are those of its facts, and nothing of this machine is asked about
 * them. Models are read here; the worker reads them again there. What an engine here has to prepare, such as weights to be
 * quantized, is prepared by the engine here. Pure.
 */
export const farBackends = <R>(backends: Backends<R>, { engines }: HostFacts, host: string): Backends<R> => ({
  ids: backends.ids,
  get: (id) => Effect.map(backends.get(id), (backend) => backend && farBackend(backend, engines[id], host)),
})

const farBackend = <R>(
  backend: AnyBackend<R>,
  engine: HostFacts["engines"][string] | undefined,
  host: string,
): AnyBackend<R> => {
  const { files, machine, memory } = backend
  // The engine's own tool, and what it finds of GPUs, are there: the worker uses them.
  const { ask: _, ...formulas } = memory ?? {}
  const { check: _one, unusable: _two, ...rest } = machine ?? {}
  return {
    ...backend,
    // An engine that only a config's options name, such as a server, is found where it runs.
    probe: (config, options) =>
      engine === undefined || ("absent" in engine && engine.absent.startsWith(BY_OPTIONS))
        ? backend.probe(config, options)
        : "runtime" in engine
          ? Effect.succeed(engine.runtime)
          : Effect.fail(
              new BackendError({
                backend: backend.id,
                reason: new NotInstalled({ detail: `On ${host}: ${engine.absent}`, fix: "Set it up there." }),
                logTail: [],
              }),
            ),
    memory: formulas,
    machine: rest,
    ...(files === undefined
      ? {}
      : {
          files: {
            ...files,
            prepare: (from, runtime) =>
              Effect.flatMap(
                Effect.orElseSucceed(backend.probe({}), () => runtime),
                (own) => files.prepare(from, own),
              ),
          },
        }),
  }
}

/** How `doctor` begins what it says of such an engine. */
const BY_OPTIONS = "The engine depends on"
