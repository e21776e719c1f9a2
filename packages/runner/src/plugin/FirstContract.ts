import { type AnyBackend, type BackendError, RequestFailed, requestFailed, type Session } from "@rigbook/core"
import { Effect } from "effect"

/** A backend of contract 1: members of its own where contract 2 has groups. */
interface FirstBackend<R> extends Pick<
  AnyBackend<R>,
  "id" | "description" | "tasks" | "config" | "probe" | "inspect" | "open"
> {
  readonly [member: string]: unknown
}

/** Which group each member went to, and by what name. */
const MOVED = {
  memory: { demand: "demand", demandOf: "demandOf", withContext: "withContext", askDemand: "ask" },
  placement: { strategies: "strategies", devices: "devices", requested: "requested", layout: "layout" },
  files: { prepare: "prepare", quantizes: "quantizes" },
  machine: { check: "check", setup: "setup" },
} as const

/**
 * A backend of contract 1 as one of the current contract. Its own members stay beside the groups: the conformance suite
 * that its author has installed reads them.
 */
export const fromFirstContract = <R>(first: FirstBackend<R>): AnyBackend<R> => {
  const groups = Object.entries(MOVED).flatMap(([group, names]) => {
    const members = Object.entries(names).filter(([old]) => first[old] !== undefined)
    return members.length === 0 ? [] : [[group, Object.fromEntries(members.map(([old, name]) => [name, first[old]]))]]
  })
  return {
    ...first,
    ...(Object.fromEntries(groups) as Partial<AnyBackend<R>>),
    open: (input) => Effect.map(first.open(input), withRequestFailures),
  }
}

/** A session of contract 1 fails with a `BackendError` that has a `kind` if one request failed. */
const withRequestFailures = (session: Session): Session => ({
  ...session,
  send: (request, observer) => Effect.mapError(session.send(request, observer), asRequestFailed),
})

const asRequestFailed = (error: BackendError | RequestFailed): BackendError | RequestFailed => {
  if (error instanceof RequestFailed) return error
  const { backend, kind, logTail, reason, retryAfterS, status } = error
  if (kind === undefined || kind === "engine") return error
  const known = { ...(status === undefined ? {} : { status }), ...(retryAfterS === undefined ? {} : { retryAfterS }) }
  return requestFailed(backend)(reason, { kind, ...known }, logTail)
}
