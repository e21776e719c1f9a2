import { type Backends, complete, type Host } from "@rigbook/core"
import { closestKey, type ConfigFile, type ConfigIssue, decodeAt, type WorkspaceConfig } from "@rigbook/records"
import { Effect, Predicate, Result } from "effect"
import type { Chosen, Problems } from "./Facts.ts"
import { hostOf } from "./PlanPlacement.ts"

type Defaults = WorkspaceConfig["backends"]

/**
 * The backends that a config names, with their options and the workspace's `defaults`; what is wrong with one is an issue,
 * and one whose plugin can't be used is missing.
 */
export const chooseBackends = Effect.fnUntraced(function* <R>(
  file: ConfigFile,
  { get, ids }: Backends<R>,
  host: Host,
  defaults: Defaults,
  { issues, missing }: Problems,
) {
  const named = Predicate.hasProperty(file.value, "backends") ? file.value.backends : undefined
  if (!Predicate.isObject(named)) return []
  const chosen: Array<Chosen<R>> = []
  if (Object.keys(named).length === 0)
    issues.push(file.issue(["backends"], `name at least one backend; available: ${ids.join(", ")}`))
  for (const [id, value] of Object.entries(named)) {
    const at = ["backends", id]
    const loaded = yield* Effect.result(get(id))
    if (Result.isFailure(loaded)) {
      missing.push(file.issue(at, loaded.failure.message))
      continue
    }
    if (loaded.success === undefined) {
      issues.push(file.issue(at, unknownBackend(id, ids)))
      continue
    }
    const backend = complete(loaded.success)
    const given = defaults?.[id]
    const options = decodeAt(file, at, backend.config, withDefaults(value ?? {}, given))
    if (Result.isFailure(options)) issues.push(...options.failure.map((issue) => sourced(issue, id, value, given)))
    else chosen.push({ backend, options: options.success, host: hostOf(host, backend, options.success) })
  }
  return chosen
})

const withDefaults = (value: unknown, defaults: object | undefined): unknown =>
  defaults !== undefined && Predicate.isObject(value) ? { ...defaults, ...value } : value

/** An issue with an option that no config names says where that stands. */
const sourced = (issue: ConfigIssue, backend: string, value: unknown, defaults: object | undefined): ConfigIssue => {
  const [key = ""] = issue.path.slice(`backends.${backend}.`.length).split(/[.[]/)
  return defaults === undefined || !Object.hasOwn(defaults, key) || Predicate.hasProperty(value, key)
    ? issue
    : { ...issue, message: `${issue.message} (rigbook.yaml has it for all configs)` }
}

const unknownBackend = (id: string, known: ReadonlyArray<string>): string => {
  if (known.length === 0) return "no backend is installed; install its plugin, such as @rigbook/backend-llamacpp"
  const near = closestKey(id, known)
  return `unknown backend; ${near === undefined ? `available: ${known.join(", ")}` : `did you mean "${near}"?`}`
}
