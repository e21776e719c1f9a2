import { type AnyBackend, report, Vendors } from "@rigbook/core"
import { Effect } from "effect"
import { EXIT, unknownFailure, usageFailure } from "../Failure.ts"
import { print, printJson } from "../output/Print.ts"
import { table } from "../output/Table.ts"
import { installedBackends, vendorsHere } from "../Plugins.ts"
import { usedBackends } from "./UsedBackends.ts"

/** What `rigbook setup` was called with. */
export interface SetupInput {
  readonly backends: ReadonlyArray<string>
  /** One of a backend's builds, such as `cuda`. */
  readonly build: string | undefined
  readonly json: boolean
}

/** What installs a build that is named. */
const buildOf = <R>({ id, machine }: AnyBackend<R>, name: string) => {
  const builds = machine?.builds ?? {}
  const known = Object.keys(builds)
  return builds[name] === undefined
    ? Effect.fail(
        usageFailure(
          known.length === 0
            ? `${id} has no builds to choose from: leave out --build.`
            : `Unknown build "${name}" of ${id}; there are ${known.join(", ")}.`,
        ),
      )
    : Effect.succeed(builds[name])
}

/** Installs the engines of the named backends; else those that the configs use, or all outside a workspace. */
export const setup = Effect.fn("Setup.setup")(function* (action: SetupInput) {
  const backends = yield* installedBackends
  if (action.build !== undefined && action.backends.length !== 1)
    return yield* usageFailure("--build is of one engine: name it, such as `rigbook setup llamacpp --build cuda`.")
  const ids = action.backends.length === 0 ? yield* usedBackends : action.backends
  const done = yield* Effect.forEach(ids, (id) =>
    Effect.gen(function* () {
      const backend = yield* backends.get(id)
      if (backend === undefined) return yield* unknownFailure("backend", id, backends.ids)
      const setup = action.build === undefined ? backend.machine?.setup : yield* buildOf(backend, action.build)
      if (setup === undefined) return []
      yield* report({ step: id, detail: backend.description })
      const runtime = yield* setup
      yield* report({ step: id, detail: `${runtime.program} ${runtime.version} is ready`, finished: true })
      return [{ backend: id, runtime }]
    }),
  ).pipe(
    Effect.map((each) => each.flat()),
    Effect.provideService(Vendors, yield* vendorsHere),
  )
  yield* action.json
    ? printJson(done)
    : print(
        table(
          ["backend", "program", "version", "where"],
          done.map(({ backend, runtime }) => [backend, runtime.program, runtime.version, runtime.path]),
        ),
      )
  return EXIT.done
})
