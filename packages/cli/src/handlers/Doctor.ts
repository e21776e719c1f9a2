import { type Backends, complete, type FoundServer, Vendors } from "@rigbook/core"
import { deviceMasks, DeviceSources, readDevices, restrictedTo } from "@rigbook/runner"
import { Effect, Result, Schema } from "effect"
import { EXIT } from "../Failure.ts"
import { doctorPage } from "../output/DoctorPage.ts"
import { columns } from "../output/Wrapped.ts"
import { print, printJson } from "../output/Print.ts"
import { hostHere, installedBackends, vendorsHere, workspaceHere } from "../Plugins.ts"
import { usedBackends } from "./UsedBackends.ts"

/**
 * Shows what can run here. Exit code 1 if an engine is missing that the workspace's configs use, or outside a workspace
 * any.
 */
export const doctor = Effect.fn("Doctor.doctor")(function* ({ json }: { readonly json: boolean }) {
  const host = yield* hostHere
  const masks = yield* deviceMasks
  // A workspace without a config uses none yet.
  const used = yield* Effect.catchTag(usedBackends, "Failure", () => Effect.succeed<ReadonlyArray<string>>([]))
  const workspace = yield* workspaceHere
  const backends = yield* installedBackends
  const vendors = yield* vendorsHere
  const engines = yield* Effect.forEach(backends.ids, (id) =>
    Effect.gen(function* () {
      const loaded = yield* Effect.result(backends.get(id))
      if (Result.isFailure(loaded)) {
        const { detail, fix, plugin } = loaded.failure
        return {
          backend: id,
          used: used.includes(id),
          ok: false as const,
          problem: `Plugin ${plugin}: ${detail}`,
          fix,
        }
      }
      const backend = loaded.success!
      const config = Schema.decodeUnknownResult(backend.config)(workspace?.config.backends?.[id] ?? {})
      // What only a config's options state, such as a server's address, is checked when that config is planned.
      const entry = { backend: id, used: used.includes(id) && Result.isSuccess(config) }
      if (Result.isFailure(config))
        return {
          ...entry,
          ok: false as const,
          problem: "The engine depends on a config's options.",
          fix: "Check it with `rigbook plan`.",
        }
      const runtime = yield* Effect.result(backend.probe(config.success))
      if (Result.isFailure(runtime)) {
        const { detail, fix } = runtime.failure.reason
        return { ...entry, ok: false as const, problem: detail, fix }
      }
      const unusable = yield* complete(backend).unusable({
        config: config.success,
        host,
        runtime: runtime.success,
        restrict: (ids) => restrictedTo(ids, host),
      })
      return { ...entry, ok: true as const, runtime: runtime.success, unusable }
    }),
  ).pipe(Effect.provideService(Vendors, vendors))
  const telemetry = yield* watchDevices
  const servers = yield* runningServers(backends)
  if (json) yield* printJson({ host, masks, engines, servers, telemetry })
  else {
    const found = { host, inWorkspace: workspace !== undefined, masks, engines, servers, telemetry }
    yield* print(doctorPage(found, columns()))
  }
  return engines.every((engine) => engine.ok || !engine.used) ? EXIT.done : EXIT.failed
})

/** Servers started by others on this machine, found by the backends that can measure them. */
const runningServers = Effect.fnUntraced(function* <R>({ get, ids }: Backends<R>) {
  const found = yield* Effect.forEach(ids, (id) =>
    Effect.flatMap(
      Effect.orElseSucceed(get(id), () => undefined),
      (backend) => backend?.machine?.servers?.() ?? Effect.succeed<ReadonlyArray<FoundServer>>([]),
    ),
  )
  return found.flat()
})

/** One reading of each GPU, by what can read it here, and what can't. */
const watchDevices = Effect.gen(function* () {
  const open = yield* yield* DeviceSources
  return {
    sources: open.sources.map(({ name }) => name),
    problems: open.problems,
    devices: readDevices(open),
  }
}).pipe(Effect.scoped)
