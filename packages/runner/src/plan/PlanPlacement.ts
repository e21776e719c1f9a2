import { type AnyComplete, type Device, type Host, PlacementRequest } from "@rigbook/core"
import type { ConfigFile, ConfigIssue } from "@rigbook/records"
import { Predicate, Schema } from "effect"
import type { Chosen } from "./Facts.ts"
import { requestIssues } from "./ResolvePlacement.ts"

/** The host with the devices that a backend's options bring. */
export const hostOf = <R>(host: Host, { devices }: AnyComplete<R>, options: unknown): Host => {
  const brought: ReadonlyArray<Device> = devices(options)
  return brought.length === 0 ? host : host.with([...host.devices.slice(1), ...brought])
}

/** What `placement` requests, with its path in the config. */
export const placesOf = <A>(placement: A | ReadonlyArray<A>) =>
  isList(placement)
    ? placement.map((requested, index) => ({ requested, at: ["placement", index] }))
    : [{ requested: placement, at: ["placement"] }]

const isList = <A>(value: A | ReadonlyArray<A>): value is ReadonlyArray<A> => Array.isArray(value)

/** Names of strategies and devices, checked against each available backend. */
export const checkPlacements = <R>(
  file: ConfigFile,
  chosen: ReadonlyArray<Chosen<R>>,
  issues: Array<ConfigIssue>,
): void => {
  if (!Predicate.hasProperty(file.value, "placement")) return
  for (const { at, requested } of placesOf(file.value.placement)) {
    if (!isRequest(requested)) continue
    for (const { backend, host } of chosen)
      for (const { message, path } of requestIssues(requested, host, backend.strategies))
        addOnce(issues, file.issue([...at, ...path], message))
  }
}

const isRequest = Schema.is(PlacementRequest)

/** The same mistake holds for every scenario and backend: it is reported once. */
export const addOnce = (issues: Array<ConfigIssue>, issue: ConfigIssue): void => {
  if (!issues.some(({ message, path }) => message === issue.message && path === issue.path)) issues.push(issue)
}
