import {
  attemptOf,
  type Connection,
  type HostAway,
  type LaunchError,
  type LaunchUnit,
  nextAttempt,
  type Observation,
  type RunLine,
} from "@rigbook/core"
import type { Workspace } from "@rigbook/records"
import { Clock, Effect } from "effect"
import { forgetUnit, keepUnit } from "./UnitFiles.ts"

/** How units are launched. */
export interface LaunchOptions<R> {
  /** Name of the host. */
  readonly host: string
  readonly connection: Connection<R>
  readonly workspace: Workspace
  /** How long it waits for a host that can't be reached; 600,000 ms by default. */
  readonly patienceMs?: number
  /** Is called with each line of the workers, in the order of each unit. */
  readonly onLine?: (line: RunLine) => Effect.Effect<void>
}

/** What came of units. */
export interface Launched {
  /** Ids of the records that are in the workspace now, in the order of the units. */
  readonly records: ReadonlyArray<string>
  /** Units that gave no record for one of their cells, each with why, in a sentence. */
  readonly problems: ReadonlyArray<string>
}

/** A unit that is lost or stopped is tried so many times. */
const ATTEMPTS = 3
/** Between two observations that return at once; doubled while the host can't be reached, up to 30 s. */
const PAUSE_MS = 250

interface Followed {
  unit: LaunchUnit
  known: number
  done: boolean
}

/**
 * Submits units to a host, follows them and brings their records home. Units are kept in the workspace until then: who is
 * killed here calls this again with `keptUnits`, and finds them running or ended. A host that can't be reached is waited
 * for; its units run on meanwhile. Fails with `HostAway` if that takes longer than `patienceMs`, with `LaunchError`,
 * `ShapeRefused` or `PlatformError` if a unit can't be submitted or its records can't be kept.
 */
export const launch = Effect.fn("Launch.launch")(function* <R>(
  units: ReadonlyArray<LaunchUnit>,
  { connection, host, onLine = () => Effect.void, patienceMs = 600_000, workspace }: LaunchOptions<R>,
) {
  const patient = patiently(patienceMs)
  const records = new Map<LaunchUnit, ReadonlyArray<string>>()
  const problems: Array<string> = []
  const submit = Effect.fnUntraced(function* (unit: LaunchUnit) {
    yield* patient(connection.check(unit.shape))
    yield* keepUnit(workspace, host, unit)
    yield* patient(connection.submit(unit))
  })
  for (const unit of units) yield* submit(unit)
  const all = units.map((unit): Followed & { readonly first: LaunchUnit } => ({
    first: unit,
    unit,
    known: 0,
    done: false,
  }))
  for (;;) {
    const open = all.filter(({ done }) => !done)
    if (open.length === 0) break
    const found = yield* patient(connection.observe(open.map(({ known, unit }) => ({ name: unit.name, after: known }))))
    let isNew = false
    for (const each of open) {
      const now: Observation = found.get(each.unit.name) ?? { state: "unknown" }
      if ("lines" in now) {
        for (const line of now.lines) yield* onLine(line)
        each.known += now.lines.length
        isNew ||= now.lines.length > 0
      }
      if (now.state !== "ended" && now.state !== "unknown") continue
      const again = now.state === "unknown" || now.outcome === "lost" || now.outcome === "stopped"
      if (again && attemptOf(each.unit) < ATTEMPTS) {
        const next = nextAttempt(each.unit)
        yield* submit(next)
        yield* forgetUnit(workspace, host, each.unit)
        each.unit = next
        each.known = 0
        continue
      }
      const ids = yield* patient(connection.collect(each.unit))
      records.set(each.first, ids)
      const why = problemOf(each.unit, now, ids)
      if (why !== undefined) problems.push(`${host}: ${why}`)
      yield* forgetUnit(workspace, host, each.unit)
      each.done = true
    }
    if (!isNew) yield* Effect.sleep(PAUSE_MS)
  }
  return { records: units.flatMap((unit) => records.get(unit) ?? []), problems } satisfies Launched
})

/** Why a unit has fewer records than it should; `undefined` for one that is done, whose ramps may have ended before. */
const problemOf = (
  { cells: [{ order }], cells }: LaunchUnit,
  now: Observation,
  ids: ReadonlyArray<string>,
): string | undefined => {
  const what = `${order.spec.config.name}${cells.length === 1 ? "" : ` (${cells.length} cells)`}`
  if (now.state === "unknown") return `${what} was not known there any more.`
  if (now.state !== "ended") return undefined
  if (now.outcome !== "done") return `${what} ${now.outcome}: ${now.detail ?? "without a reason"}`
  const wanted = cells.filter(({ ramp }) => ramp === undefined || ramp.below.length === 0).length
  return ids.length >= wanted ? undefined : `${what} gave ${ids.length} of ${wanted} records; its lines say why.`
}

/** Waits for a host that can't be reached, and tries again. */
const patiently =
  (patienceMs: number) =>
  <A, E extends { readonly _tag: string }, R>(
    effect: Effect.Effect<A, E | LaunchError | HostAway, R>,
  ): Effect.Effect<A, E | LaunchError | HostAway, R> =>
    Effect.gen(function* () {
      const clock = yield* Clock.Clock
      const start = clock.currentTimeMillisUnsafe()
      for (let pause = PAUSE_MS; ; pause = Math.min(2 * pause, 30_000)) {
        const tried = yield* Effect.result(effect)
        if (tried._tag === "Success") return tried.success
        const away = tried.failure._tag === "HostAway"
        if (!away || clock.currentTimeMillisUnsafe() - start > patienceMs) return yield* Effect.fail(tried.failure)
        yield* Effect.sleep(pause)
      }
    })
