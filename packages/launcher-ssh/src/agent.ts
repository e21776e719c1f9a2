// Runs on the other machine, on Node alone: keeps units, carries them out one after the other, and answers questions about
// them. `node agent.js HOME` answers lines {"id", "command", "input"} of standard input with lines {"id", "answer"} or
// {"id", "error"}, until that ends; `node agent.js HOME queue` carries units out.
import { spawn } from "node:child_process"
import {
  closeSync,
  existsSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  watch,
  writeFileSync,
} from "node:fs"
import { dirname, join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"

const HOME = process.argv[2] ?? ""
const UNITS = join(HOME, "units")
const LOCK = join(HOME, "queue.pid")

/** How a worker ended. */
interface Ending {
  readonly code: number | null
  readonly signal: string | null
  readonly cancelled?: boolean
  /** Nobody knows how it ended. */
  readonly lost?: boolean
}

/** Where a unit's files are. */
const at = (name: string, file = ""): string => join(UNITS, name, file)

const read = (path: string): string | undefined => {
  try {
    return readFileSync(path, "utf8")
  } catch {
    return undefined
  }
}

/** Readers find the whole text or none. */
const write = (path: string, text: string): void => {
  const partial = `${path}.${process.pid}`
  writeFileSync(partial, text)
  renameSync(partial, path)
}

/** What distinguishes a process from a later one of the same number; empty where the system does not say. */
const startOf = (pid: number): string => {
  const stat = read(`/proc/${pid}/stat`)
  if (stat === undefined) return ""
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
  return fields[0] === "Z" ? "ended" : `${fields[19]} ${read("/proc/sys/kernel/random/boot_id")?.trim() ?? ""}`
}

const nameOf = (pid: number): string => `${pid} ${startOf(pid)}`

/** Whether the process that a file names still runs. */
const runs = (path: string): boolean => {
  const [number = "", ...start] = (read(path) ?? "").split(" ")
  const pid = Number(number)
  if (!(pid > 0)) return false
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false
  }
  const now = startOf(pid)
  return now !== "ended" && (now === "" || now === start.join(" "))
}

const endingOf = (name: string): Ending | undefined => {
  const text = read(at(name, "ending.json"))
  return text === undefined ? undefined : (JSON.parse(text) as Ending)
}

/** Units that have not begun, the one that was submitted first at first. */
const pending = (): ReadonlyArray<string> =>
  (existsSync(UNITS) ? readdirSync(UNITS) : [])
    .filter(
      (name) =>
        existsSync(at(name, "unit.json")) && !existsSync(at(name, "worker.pid")) && endingOf(name) === undefined,
    )
    .map((name) => ({ name, since: Number(read(at(name, "submitted"))) }))
    .toSorted((a, b) => a.since - b.since)
    .map(({ name }) => name)

/** Units whose worker still runs, though what started it may not. */
const running = (): ReadonlyArray<string> =>
  (existsSync(UNITS) ? readdirSync(UNITS) : []).filter(
    (name) => endingOf(name) === undefined && runs(at(name, "worker.pid")),
  )

/** Gives a file a second name, unless there is one of that name. */
const isLinked = (from: string, to: string): boolean => {
  try {
    linkSync(from, to)
    return true
  } catch {
    return false
  }
}

/**
 * Takes the queue, unless another process has it. A lock is a complete file from the first moment. One whose process has
 * ended is moved aside, which only one succeeds in, and checked once more: it may have been taken meanwhile.
 */
const takeQueue = (): boolean => {
  const own = `${LOCK}.${process.pid}`
  const aside = `${own}.old`
  writeFileSync(own, nameOf(process.pid))
  try {
    if (isLinked(own, LOCK)) return true
    if (runs(LOCK)) return false
    renameSync(LOCK, aside)
    if (!runs(aside)) return isLinked(own, LOCK)
    isLinked(aside, LOCK)
    return false
  } catch {
    return false // another has moved it aside
  } finally {
    for (const file of [own, aside]) rmSync(file, { force: true })
  }
}

const leaveQueue = (): void => {
  if (read(LOCK) === nameOf(process.pid)) rmSync(LOCK, { force: true })
}

/**
 * Ends units whose worker ended with whoever would have reported it, such as when the machine was restarted, and what such a
 * worker has left running.
 */
const endVanished = async (): Promise<void> => {
  for (const name of existsSync(UNITS) ? readdirSync(UNITS) : [])
    if (endingOf(name) === undefined && existsSync(at(name, "worker.pid")) && !runs(at(name, "worker.pid"))) {
      await stopAll(name)
      const isCancelled = existsSync(at(name, "cancelled"))
      end(name, { code: null, signal: null, ...(isCancelled ? { cancelled: true } : { lost: true }) })
    }
}

const ensureQueue = (): void => {
  if (pending().length === 0 || runs(LOCK)) return
  spawn(process.execPath, [process.argv[1]!, HOME, "queue"], { detached: true, stdio: "ignore" }).unref()
}

/** Carries pending units out, one after the other, until there are none. */
const queue = async (): Promise<void> => {
  while (pending().length > 0 && takeQueue()) {
    try {
      for (let [next] = pending(); next !== undefined; [next] = pending()) {
        // A worker whose queue was killed: nothing may run beside it.
        if (running().length > 0) {
          await sleep(500)
          continue
        }
        await endVanished()
        await carryOut(next)
      }
    } finally {
      leaveQueue()
    }
  }
}

const carryOut = async (name: string): Promise<void> => {
  if (existsSync(at(name, "cancelled"))) return end(name, { code: null, signal: null, cancelled: true })
  // A queue that was killed before it had written down its worker.
  await stopAll(name)
  const { entry, root } = JSON.parse(read(at(name, "place.json"))!) as { entry: string; root: string }
  const [input, events, log] = [
    openSync(at(name, "unit.json"), "r"),
    openSync(at(name, "events.ndjson"), "a"),
    openSync(at(name, "worker.log"), "a"),
  ]
  const worker = spawn(process.execPath, [entry, "worker"], {
    cwd: root,
    detached: true,
    stdio: [input, events, log],
    env: { ...process.env, RIGBOOK_UNIT: name, NO_COLOR: "1" },
  })
  const over = new Promise<Ending>((resolve) => {
    worker.once("error", () => resolve({ code: 127, signal: null }))
    worker.once("close", (code, signal) => resolve({ code, signal }))
  })
  if (worker.pid !== undefined) write(at(name, "worker.pid"), nameOf(worker.pid))
  for (const file of [input, events, log]) closeSync(file)
  const ending = await over
  await stopAll(name)
  end(name, existsSync(at(name, "cancelled")) ? { ...ending, cancelled: true } : ending)
}

const end = (name: string, ending: Ending): void => write(at(name, "ending.json"), JSON.stringify(ending))

/** Processes of a unit: its worker, and what that started, by a variable that they inherit. */
const processesOf = (name: string): ReadonlyArray<number> => {
  const wanted = `RIGBOOK_UNIT=${name}`
  return (existsSync("/proc") ? readdirSync("/proc") : [])
    .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
    .filter((pid) => read(`/proc/${pid}/environ`)?.split("\0").includes(wanted) === true)
    .map(Number)
    .filter((pid) => startOf(pid) !== "ended")
}

const signalTo = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(pid, signal)
  } catch {
    // It has ended meanwhile.
  }
}

/** Ends everything that a unit has left running. */
const stopAll = async (name: string): Promise<void> => {
  for (let left = processesOf(name); left.length > 0; left = processesOf(name)) {
    for (const pid of left) signalTo(pid, "SIGKILL")
    await sleep(50)
  }
}

/** How long a worker may take to end by itself, with its engine, after it was interrupted. */
const GRACE_MS = 15_000

const cancel = async ({ name }: { readonly name: string }): Promise<object> => {
  if (!existsSync(at(name)) || endingOf(name) !== undefined) return {}
  if (hasVanished(name)) {
    await stopAll(name)
    return {}
  }
  write(at(name, "cancelled"), "")
  const pid = Number((read(at(name, "worker.pid")) ?? "").split(" ")[0])
  if (pid > 0 && runs(at(name, "worker.pid"))) signalTo(pid, "SIGINT")
  const start = Date.now()
  while (endingOf(name) === undefined) {
    await sleep(50) // the queue may be starting it: from now on it has a worker, or is never started
    const begun = existsSync(at(name, "worker.pid"))
    if (!begun || (!runs(at(name, "worker.pid")) && !runs(LOCK)))
      end(name, { code: null, signal: null, cancelled: true })
    else if (Date.now() - start > GRACE_MS) await stopAll(name)
  }
  await stopAll(name)
  return {}
}

/** A unit whose worker is gone without having reported its end. */
const hasVanished = (name: string): boolean =>
  existsSync(at(name, "worker.pid")) && !runs(at(name, "worker.pid")) && endingOf(name) === undefined && !runs(LOCK)

interface Submission {
  readonly unit: { readonly name: string }
  /** The program there, and the workspace that it runs in. */
  readonly entry: string
  readonly root: string
}

const submit = ({ entry, root, unit }: Submission): object => {
  const { name } = unit
  const isKnown = existsSync(at(name, "unit.json"))
  if (!isKnown) {
    mkdirSync(at(name), { recursive: true })
    write(at(name, "place.json"), JSON.stringify({ entry, root }))
    write(at(name, "submitted"), String(Date.now()))
    write(at(name, "unit.json"), JSON.stringify(unit))
  }
  ensureQueue()
  return { id: name, adopted: isKnown }
}

/** Whole lines of a worker from a number on, each parsed. */
const linesOf = (name: string, after: number): ReadonlyArray<{ readonly kind: string; readonly message?: string }> => {
  const text = read(at(name, "events.ndjson")) ?? ""
  const whole = text.slice(0, text.lastIndexOf("\n") + 1)
  return whole
    .split("\n")
    .filter((line) => line !== "")
    .slice(after)
    .map((line) => JSON.parse(line) as { kind: string })
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
const closed = new AbortController()

const observe = async (units: ReadonlyArray<{ readonly name: string; readonly after: number }>): Promise<object> => {
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

/** Bytes of a file, or of all files of a folder. */
const bytesOf = (path: string): number => {
  const found = statSync(path)
  if (!found.isDirectory()) return found.size
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() || entry.isSymbolicLink())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)
}

/** Where these files and folders really lie, past all links, and how large they are; `null` for one that is not there. */
const files = (paths: ReadonlyArray<string>): ReadonlyArray<object | null> =>
  paths.map((path) => {
    try {
      return { place: realpathSync(path), bytes: bytesOf(path) }
    } catch {
      return null
    }
  })

/** Makes a model that is kept by its hash available at a path of a workspace. */
const link = ({ path, target }: { readonly path: string; readonly target: string }): object => {
  mkdirSync(dirname(path), { recursive: true })
  rmSync(path, { recursive: true, force: true })
  symlinkSync(target, path)
  return {}
}

/** Keeps that all that a unit measured was brought home, where it is verified. */
const collected = ({ name }: { readonly name: string }): object => {
  if (endingOf(name) !== undefined) write(at(name, "collected"), "")
  return {}
}

/**
 * Removes units of a workspace that were collected, and attempts before those, but for the ones that are still named by who
 * submitted them. Their records stay.
 */
const tidy = ({ kept, root }: { readonly kept: ReadonlyArray<string>; readonly root: string }): object => {
  const aside = join(HOME, "removed")
  const attempt = (name: string) => Number(/\d+$/.exec(name)?.[0])
  const unit = (name: string) => name.replace(/-a\d+$/, "")
  const own = readdirSync(UNITS).filter((name) => {
    const place = read(at(name, "place.json"))
    return place !== undefined && (JSON.parse(place) as { root: string }).root === root
  })
  const isCollected = (name: string): boolean =>
    own.some(
      (other) => unit(other) === unit(name) && attempt(other) >= attempt(name) && existsSync(at(other, "collected")),
    )
  const removed = own.filter((name) => endingOf(name) !== undefined && !kept.includes(name) && isCollected(name))
  // The latest attempt goes last: it is what says so of those before.
  for (const name of removed.toSorted((a, b) => attempt(a) - attempt(b))) {
    mkdirSync(aside, { recursive: true })
    // At once, or a unit of which half is gone would pass as one that has not begun.
    renameSync(at(name), join(aside, `${name}.${process.pid}`))
  }
  rmSync(aside, { recursive: true, force: true })
  return {}
}

const COMMANDS: Readonly<Record<string, (input: never) => unknown>> = {
  submit,
  observe,
  cancel,
  files,
  link,
  collected,
  tidy,
}

/** Answers a line. */
const answer = async (line: string): Promise<void> => {
  const { command, id, input } = JSON.parse(line) as { id: number; command: string; input: unknown }
  const answered = await Promise.resolve()
    .then(() => COMMANDS[command]!(input as never))
    .then((result) => ({ id, answer: result }))
    .catch((error: unknown) => ({ id, error: error instanceof Error ? error.message : String(error) }))
  process.stdout.write(`${JSON.stringify(answered)}\n`)
}

/** Answers lines, several at the same time, until standard input ends: a `cancel` is carried out to its end even then. */
const serve = async (): Promise<void> => {
  process.stdout.on("error", () => {}) // the connection broke: who made it asks again over another one
  let text = ""
  process.stdin.setEncoding("utf8")
  for await (const chunk of process.stdin) {
    const lines = `${text}${chunk}`.split("\n")
    text = lines.pop()!
    for (const line of lines) void answer(line)
  }
  closed.abort()
}

mkdirSync(UNITS, { recursive: true })
await (process.argv[3] === "queue" ? queue() : serve())
