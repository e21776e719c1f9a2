import { findWorkspace } from "@rigbook/records"
import { Effect, Predicate } from "effect"
import { installedBackends } from "../Plugins.ts"
import { dueConfigs } from "./OpenWorkspace.ts"

/**
 * Ids of the backends that the configs of this workspace name, known or not; outside a workspace all that are
 * known. An engine of gigabytes is not installed until a config that is not only planned uses it.
 */
export const usedBackends = Effect.gen(function* () {
  const backends = yield* installedBackends
  const workspace = yield* findWorkspace(process.cwd())
  const configs = yield* dueConfigs(workspace, [])
  const named = configs.flatMap(({ file: { value } }) =>
    Predicate.hasProperty(value, "backends") && Predicate.isObject(value.backends) ? Object.keys(value.backends) : [],
  )
  const known = backends.ids.filter((id) => named.includes(id))
  return [...known, ...new Set(named.filter((id) => !known.includes(id)))]
}).pipe(Effect.catchTag("NoWorkspace", () => Effect.map(installedBackends, ({ ids }) => ids)))
