import type { Connection, LaunchUnit, Observation, RunLine } from "@rigbook/core"
import { Effect } from "effect"
import { type Nonconformity, violated } from "../Conformance.ts"

/** A failure of a connection that works must not happen: it is the launcher's. */
export const works = <A, R>(
  what: string,
  effect: Effect.Effect<A, { readonly message: string }, R>,
): Effect.Effect<A, Nonconformity, R> => Effect.catch(effect, ({ message }) => violated(`${what} fails: ${message}`))

/** Where one unit is now. */
export const stateOf = Effect.fnUntraced(function* <R>(
  { observe }: Connection<R>,
  name: string,
  after = 0,
): Effect.fn.Return<Observation, Nonconformity, R> {
  const found = (yield* works("observe", observe([{ name, after }]))).get(name)
  return found ?? (yield* violated(`observe returns nothing about ${name}, though it was requested.`))
})

/** What was observed of a unit until `holds`: its lines as they came, and where it was then. */
export const followed = Effect.fnUntraced(function* <R>(
  connection: Connection<R>,
  { name }: Pick<LaunchUnit, "name">,
  holds: (observation: Observation) => boolean,
  limitMs: number,
): Effect.fn.Return<{ readonly last: Observation; readonly lines: ReadonlyArray<RunLine> }, Nonconformity, R> {
  const lines: Array<RunLine> = []
  const start = performance.now()
  for (;;) {
    const last = yield* stateOf(connection, name, lines.length)
    if ("lines" in last) lines.push(...last.lines)
    if (holds(last)) return { last, lines }
    if (last.state === "ended" || performance.now() - start > limitMs)
      return yield* violated(
        `${name} is ${last.state}${"detail" in last ? ` (${last.detail})` : ""} after ${Math.round((performance.now() - start) / 1000)} s: what was expected never came.`,
      )
    yield* Effect.sleep("20 millis") // it may return at once
  }
})
