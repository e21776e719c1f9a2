import { report } from "@rigbook/core"
import { closestKey } from "@rigbook/records"
import { Effect } from "effect"
import type { ActionOf } from "../Action.ts"
import { EXIT, usageFailure } from "../Failure.ts"
import { print, printJson } from "../output/Print.ts"
import { table } from "../output/Table.ts"
import { installedBackends } from "../Plugins.ts"
import { usedBackends } from "./UsedBackends.ts"

/** Installs the engines of the named backends; else those that the configs use, or all outside a workspace. */
export const setup = Effect.fn("Setup.setup")(function* (action: ActionOf<"setup">) {
  const backends = yield* installedBackends
  const ids = action.backends.length === 0 ? yield* usedBackends : action.backends
  const done = yield* Effect.forEach(ids, (id) =>
    Effect.gen(function* () {
      const backend = yield* backends.get(id)
      if (backend === undefined) {
        const near = closestKey(id, backends.ids)
        return yield* usageFailure(
          `Unknown backend "${id}"; ${near === undefined ? `available: ${backends.ids.join(", ")}` : `did you mean "${near}"?`}`,
        )
      }
      const setup = backend.machine?.setup
      if (setup === undefined) return []
      yield* report({ step: id, detail: backend.description })
      const runtime = yield* setup
      yield* report({ step: id, detail: `${runtime.program} ${runtime.version} is ready`, finished: true })
      return [{ backend: id, runtime }]
    }),
  ).pipe(Effect.map((each) => each.flat()))
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
