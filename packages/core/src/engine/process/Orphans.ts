import { Effect, Schedule } from "effect"
import { readdirSync, readFileSync, statSync } from "node:fs"
import { GROUP, isGuard, OWNER } from "./Guard.ts"
import { ownMark, parseMark, stateOf } from "./ProcessMark.ts"
import { procStat } from "./ProcStat.ts"

/** A process that a program of ours, ended since, has started. */
export interface Orphan {
  readonly pid: number
  /** As the kernel has it, cut after 15 bytes. */
  readonly name: string
}

/** How long an orphan has to end by itself. */
const GRACE_MS = 2_000

/**
 * Ends what killed runs have left behind, as where their guards were killed with them, and returns it. Only processes of
 * this user whose environment names a process that has ended as their owner, and that are in a group or session that its
 * guard began, so never one that detached itself; and what shares such a session, for a process may overwrite its
 * environment. Linux only.
 */
export const endOrphans: Effect.Effect<ReadonlyArray<Orphan>> = Effect.gen(function* () {
  const orphans = findOrphans()
  if (orphans.length === 0) return []
  for (const orphan of orphans) signal(orphan, ["SIGTERM", "SIGCONT"])
  yield* untilGone(orphans)
  for (const orphan of orphans) signal(orphan, ["SIGKILL"])
  yield* untilGone(orphans) // the kernel takes a moment to free what they held
  return orphans.map(({ name, pid }) => ({ name, pid }))
})

interface Found extends Orphan {
  readonly start: string
}

const untilGone = (orphans: ReadonlyArray<Found>): Effect.Effect<void> =>
  Effect.sync(() => !orphans.some(isThere)).pipe(
    Effect.repeat({ until: (gone) => gone, schedule: Schedule.spaced("50 millis") }),
    Effect.timeoutOption(GRACE_MS),
    Effect.asVoid,
  )

const findOrphans = (): ReadonlyArray<Found> => {
  const own = ownProcesses()
  const groups = new Set(own.flatMap((one) => orphanedGroup(one) ?? []))
  return own.filter((one) => groups.has(one.session) || orphanedGroup(one) !== undefined)
}

/** The group that an ended program began, if the process is in it. */
const orphanedGroup = ({ environment, group, guards, session }: Candidate): number | undefined => {
  const owner = parseMark(environment.get(OWNER) ?? "")
  const here = ownMark()
  if (owner === undefined || owner.boot !== here.boot || owner.namespace !== here.namespace) return undefined
  if (stateOf(owner) !== "ended") return undefined
  const began = Number(environment.get(GROUP) || (guards ? group : 0))
  return began !== 0 && (group === began || session === began) ? began : undefined
}

interface Candidate extends Found {
  readonly group: number
  readonly session: number
  readonly environment: ReadonlyMap<string, string>
  /** It is a guard. */
  readonly guards: boolean
}

/** This user's processes, without this one. */
const ownProcesses = (): ReadonlyArray<Candidate> => {
  const uid = process.getuid?.()
  return orEmpty(() => readdirSync("/proc"), [])
    .map(Number)
    .filter((pid) => pid > 1 && pid !== process.pid && orEmpty(() => statSync(`/proc/${pid}`).uid, -1) === uid)
    .flatMap((pid) => {
      const stat = procStat(pid)
      if (stat === undefined || stat.state === "Z") return []
      return {
        pid,
        name: read(`/proc/${pid}/comm`).trimEnd() || "unnamed",
        start: stat.start,
        group: stat.group,
        session: stat.session,
        environment: environmentOf(pid),
        guards: isGuard(read(`/proc/${pid}/cmdline`)),
      }
    })
}

const environmentOf = (pid: number): ReadonlyMap<string, string> =>
  new Map(
    read(`/proc/${pid}/environ`)
      .split("\0")
      .flatMap((entry) => {
        const at = entry.indexOf("=")
        return at > 0 ? [[entry.slice(0, at), entry.slice(at + 1)] as const] : []
      }),
  )

/** Not another process that has its id by now. */
const isThere = ({ pid, start }: Found): boolean => {
  const stat = procStat(pid)
  return stat?.start === start && stat.state !== "Z"
}

const signal = (orphan: Found, names: ReadonlyArray<NodeJS.Signals>): void => {
  try {
    if (isThere(orphan)) for (const name of names) process.kill(orphan.pid, name)
  } catch {
    // It has just ended.
  }
}

const orEmpty = <A>(get: () => A, otherwise: A): A => {
  try {
    return get()
  } catch {
    return otherwise // the process has ended
  }
}

const read = (path: string): string => orEmpty(() => readFileSync(path, "utf8"), "")
