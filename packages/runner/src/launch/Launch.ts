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
import { recordsIn } from "./LocalConnection.ts"
import { forgetUnit, isKept, keepUnit, keptNames, keptUnits } from "./UnitFiles.ts"

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

/** A unit that is lost or stopped is tried so many times. One that was stopped and has measured something is tried again. */
const ATTEMPTS = 3
/** Between two observations that return at once; doubled while the host can't be reached, up to 30 s. */
const PAUSE_MS = 250

interface Followed {
  unit: LaunchUnit
  known: number
  state?: Observation["state"]
  /** Cells that were left out for a reason, by identity: rungs above the end of a ramp. */
  readonly skipped: Set<string>
  /** When its first attempt began, by the host's clock. */
  began?: string
  /** Whether this attempt has measured a trial. */
  hasProgress: boolean
  /** The records that the lines of this attempt name. */
  named: ReadonlyArray<string>
  done: boolean
}

/**
 * Submits units to a host, follows them and brings their records home. Units are kept in the workspace until then: who is
 * killed here calls this again with `keptUnits`, and finds them running or ended. A unit that can't be submitted, or whose
 * records are refused, is a problem of its own, and costs no other. A host that can't be reached is waited for; its units
 * run on meanwhile. Several programs may follow a unit: one of them brings its records home. What the host keeps of collected
 * units is removed at the end. Fails with `HostAway` if that takes longer than `patienceMs`, with `LaunchError` if the host
 * can't say what its units do, and with `PlatformError` if a unit can't be kept here.
 */
export const launch = Effect.fn("Launch.launch")(function* <R>(
  units: ReadonlyArray<LaunchUnit>,
  { connection, host, onLine = () => Effect.void, patienceMs = 600_000, workspace }: LaunchOptions<R>,
) {
  const patient = patiently(patienceMs)
  const records = new Map<LaunchUnit, ReadonlyArray<string>>()
  const problems: Array<string> = []
  const kept = new Set((yield* keptUnits(workspace, host)).map(({ name }) => name))
  /** Whether the host has it now. One that an earlier run has kept was checked then, and may be running or over. */
  const submit = (unit: LaunchUnit) =>
    Effect.gen(function* () {
      if (!kept.has(unit.name)) {
        yield* patient(connection.check(unit.shape))
        yield* keepUnit(workspace, host, unit)
      }
      yield* patient(connection.submit(unit))
      return true
    }).pipe(
      Effect.catchTag(["LaunchError", "ShapeRefused"], ({ message }) => {
        problems.push(message)
        // One of an earlier run may be running or over there: it stays known.
        return kept.has(unit.name) ? Effect.succeed(false) : Effect.as(forgetUnit(workspace, host, unit), false)
      }),
    )
  const all: Array<Followed & { readonly first: LaunchUnit }> = []
  for (const unit of units)
    if (yield* submit(unit))
      all.push({ first: unit, unit, known: 0, skipped: new Set(), hasProgress: false, named: [], done: false })
  /** Whether another program has brought the unit's records home: it forgets the unit then, and may have it removed there. */
  const isTaken = Effect.fnUntraced(function* (each: (typeof all)[number]) {
    if (yield* isKept(workspace, host, each.unit)) return false
    each.done = true
    records.set(each.first, each.named)
    return true
  })
  for (;;) {
    const open = all.filter(({ done }) => !done)
    if (open.length === 0) break
    const found = yield* patient(connection.observe(open.map(({ known, unit }) => ({ name: unit.name, after: known }))))
    let isNew = false
    for (const each of open) {
      const now: Observation = found.get(each.unit.name) ?? { state: "unknown" }
      isNew ||= now.state !== each.state
      each.state = now.state
      if ("lines" in now) {
        for (const line of now.lines) {
          if (line.kind === "skipped") each.skipped.add(line.cell)
          if (line.kind === "run") each.began ??= line.at
          if (line.kind === "trial" && line.phase === "measured") each.hasProgress = true
          yield* onLine(line)
        }
        each.named = [...new Set([...each.named, ...recordsIn(now.lines)])]
        each.known += now.lines.length
        isNew ||= now.lines.length > 0
      }
      if (now.state !== "ended" && now.state !== "unknown") continue
      if (now.state === "unknown" && (yield* isTaken(each))) continue
      const isStopped = now.state === "ended" && now.outcome === "stopped"
      const again = now.state === "unknown" || now.outcome === "lost" || isStopped
      if (again && (attemptOf(each.unit) < ATTEMPTS || (isStopped && each.hasProgress))) {
        const next = nextAttempt(each.unit, each.began)
        // Killed between the two, an earlier run has kept both attempts.
        const isFollowed = all.some(({ unit }) => unit.name === next.name)
        if (isFollowed || (yield* submit(next))) {
          each.done = isFollowed
          yield* forgetUnit(workspace, host, each.unit)
          each.unit = next
          each.known = 0
          each.hasProgress = false
          each.named = []
          continue
        }
        // No other attempt: what this one has measured is brought home.
      }
      each.done = true
      const collected = yield* Effect.result(patient(connection.collect(each.unit)))
      if (collected._tag === "Failure" && collected.failure._tag === "HostAway") return yield* collected.failure
      const ids = collected._tag === "Success" ? collected.success : []
      if (ids.length < each.named.length && (yield* isTaken(each))) continue
      // The unit stays known: the next run tries to collect its records again.
      if (collected._tag === "Failure") {
        problems.push(collected.failure.message)
        continue
      }
      records.set(each.first, ids)
      const why = problemOf(each.unit, now, ids.length + each.skipped.size)
      if (why !== undefined) problems.push(`${host}: ${why}`)
      yield* forgetUnit(workspace, host, each.unit)
    }
    // A launcher that has nothing new has waited for it, but may not have waited long.
    if (!isNew) yield* Effect.sleep(PAUSE_MS)
  }
  // A host that is away keeps it until the next launch.
  if (connection.tidy !== undefined && process.env["RIGBOOK_KEEP_UNITS"] === undefined)
    yield* connection.tidy(yield* keptNames(workspace)).pipe(
      Effect.catchTag("HostAway", () => Effect.void),
      Effect.catchTag("LaunchError", ({ message }) => Effect.sync(() => void problems.push(message))),
    )
  return { records: units.flatMap((unit) => records.get(unit) ?? []), problems } satisfies Launched
})

/** Why a unit has fewer results, records and cells that were left out for a reason, than cells; `undefined` if it has all. */
const problemOf = (
  { cells: [{ order }], cells }: LaunchUnit,
  now: Observation,
  results: number,
): string | undefined => {
  const what = `${order.spec.config.name}${cells.length === 1 ? "" : ` (${cells.length} cells)`}`
  if (now.state === "unknown") return `${what} was not known there any more.`
  if (now.state !== "ended") return undefined
  if (now.outcome !== "done") return `${what} ${now.outcome}: ${now.detail ?? "without a reason"}`
  return results >= cells.length ? undefined : `${what} gave ${results} of ${cells.length} records; its lines say why.`
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
