import { existsSync, watch } from "node:fs"
import { setTimeout as sleep } from "node:timers/promises"
import { ensureQueue, hasVanished } from "./Queue.ts"
import { at, endingOf, read } from "./Unit.ts"

interface Line {
  readonly kind: string
  readonly message?: string
}

/** What a line says; none for one that a library in the worker prints. */
const parsed = (line: string): ReadonlyArray<Line> => {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === "object" && value !== null && "kind" in value ? [value as Line] : []
  } catch {
    return []
  }
}

/** Whole lines of a worker from a number on. */
const linesOf = (name: string, after: number): ReadonlyArray<Line> => {
  const text = read(at(name, "events.ndjson")) ?? ""
  return text
    .slice(0, text.lastIndexOf("\n") + 1)
    .split("\n")
    .flatMap(parsed)
    .slice(after)
}

const LOG_LINES = 5

/** In the form of core's Observation. */
interface Observed {
  readonly state: string
  readonly outcome?: string
  readonly detail?: string
  readonly lines?: ReadonlyArray<unknown>
}

const observation = (name: string, after: number): Observed => {
  if (!existsSync(at(name, "unit.json"))) return { state: "unknown" }
  const ending = endingOf(name)
  if (ending === undefined && !existsSync(at(name, "worker.pid")))
    return { state: "waiting", detail: "It waits until the units before it have ended." }
  if (ending === undefined && !hasVanished(name)) return { state: "running", lines: linesOf(name, after) }
  const lines = linesOf(name, after)
  const all = linesOf(name, 0)
  if (ending === undefined || ending.lost === true)
    return { ...ended("lost", "The machine was restarted, or what started it was killed."), lines }
  if (ending.cancelled === true) return { ...ended("cancelled", "It was cancelled."), lines }
  // Code 1 is that of an invalid record, which is a result, and of a program that fell.
  const isDone = all.some(({ kind }) => kind === "finished" || kind === "reused")
  if (ending.code === 0 || (ending.code === 1 && isDone)) return { ...ended("done"), lines }
  if (ending.signal !== null) return { ...ended("stopped", `It was ended by ${ending.signal}.`), lines }
  const said = all.findLast(({ kind }) => kind === "error")?.message
  const log = (read(at(name, "worker.log")) ?? "").trim().split("\n").slice(-LOG_LINES).join("\n")
  const why = said ?? (log === "" ? `It ended with exit code ${ending.code}.` : log)
  return { ...ended(ending.code === 130 ? "stopped" : "failed", why), lines }
}

const ended = (outcome: string, detail?: string) => ({
  state: "ended",
  outcome,
  ...(detail === undefined ? {} : { detail }),
})

/** Longest wait for something new. */
const WAIT_MS = 4_000

/** Ends all waiting: nobody reads what is new. */
export const closed = new AbortController()

/** What units do, with their lines from a number on each, as soon as there is something new. */
export const observe = async (
  units: ReadonlyArray<{ readonly name: string; readonly after: number }>,
): Promise<object> => {
  ensureQueue()
  const now = () => units.map(({ after, name }) => [name, observation(name, after)] as const)
  const states = (found: ReturnType<typeof now>) => JSON.stringify(found.map(([, { state }]) => state))
  const before = now()
  const isNew = (found: ReturnType<typeof now>): boolean =>
    states(found) !== states(before) ||
    found.some(([, { lines, state }]) => state === "unknown" || state === "ended" || (lines?.length ?? 0) > 0)
  if (isNew(before)) return Object.fromEntries(before)
  const stop = new AbortController()
  const look = (): void => void (isNew(now()) && stop.abort())
  const watchers = units.map(({ name }) => watch(at(name), look))
  look() // what has changed before it was watched
  const signal = AbortSignal.any([stop.signal, closed.signal])
  await sleep(WAIT_MS, undefined, { signal }).catch(() => {}) // there is something new
  for (const watcher of watchers) watcher.close()
  return Object.fromEntries(now())
}
