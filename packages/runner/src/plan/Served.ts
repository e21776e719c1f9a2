import { type AnyComplete, type AnyModel, Demand, isServed, type ModelFacts } from "@rigbook/core"
import type { ConfigFile } from "@rigbook/records"
import { Effect, Result } from "effect"
import type { Chosen, EngineFacts, Problems } from "./Facts.ts"
import type { Known } from "./Known.ts"

/** A server needs no memory here; what it needs on its own devices is not known. */
const NOTHING = new Demand({ parts: [] })

/** A backend as planning reads it for a model that is at its server: nothing of it follows from the model. */
export const servedBy = <R>(backend: AnyComplete<R>): AnyComplete<R> => {
  const { askDemand: _ask, cacheBytes: _cache, layout: _layout, withContext: _context, ...rest } = backend
  return {
    ...rest,
    demand: () => NOTHING,
    demandOf: ({ placement: { devices } }) => devices.map((device) => ({ device, parts: [] })),
    checkModel: () => [],
  }
}

/** A model for a backend's functions: those of `servedBy` read nothing of one that is at a server. */
export const forBackend = (model: AnyModel): ModelFacts => (isServed(model) ? (model as unknown as ModelFacts) : model)

/** The facts of a config without a source: its server reports what the model is. `undefined` if that is not known. */
export const gatherServed = Effect.fnUntraced(function* <R>(
  { backend, host, options }: Chosen<R>,
  runtime: EngineFacts<R>["runtime"],
  { file, found }: { readonly file: ConfigFile; readonly found: Problems },
) {
  if (backend.served === undefined) {
    found.issues.push(
      file.issue([], `source is missing: ${backend.id} reads models from files; name the model's file or folder`),
    )
    return undefined
  }
  if ("absent" in runtime) return undefined // its failure is reported
  const served = yield* Effect.result(backend.served(options))
  if (Result.isFailure(served)) {
    found.missing.push(file.issue(["backends", backend.id], served.failure.message))
    return undefined
  }
  const files: Known<{ path: string }> = { value: { path: runtime.value.path } }
  const facts: EngineFacts<R> = {
    backend: servedBy(backend),
    options,
    host,
    runtime,
    unusable: [],
    model: served.success,
    files,
    answers: new Map(),
  }
  return facts
})
