import { type Exit, FILE_LIMITS, readText, report } from "@rigbook/core"
import { markText, ownMark, parseMark, partialPath, type ProcessMark, stateOf } from "@rigbook/core/engine"
import { Effect, FileSystem, Schedule, Schema } from "effect"
import { join } from "node:path"

/** Another process measures in this workspace on this machine: two runs at once would distort each other's figures. */
export class WorkspaceBusy extends Schema.TaggedError<WorkspaceBusy>()("WorkspaceBusy", {
  pid: Schema.Int,
  path: Schema.String,
}) {
  get exit(): Exit {
    return "usage"
  }

  override get message(): string {
    return `Process ${this.pid} is measuring in this workspace (${this.path}). Wait for it, or stop it.`
  }
}

/** Locks that this process holds: one that names it and is not among them is held by nobody. */
const held = new Set<string>()

/** One for each machine: two may measure in a workspace on a disk that they share. */
const lockPath = (results: string, host: string): string => join(results, `run.lock.${host}`)

/** Options of `runLock`. */
export interface LockOptions {
  /** Waits for the process that holds it, as long as that takes. */
  readonly wait?: boolean
}

/**
 * Holds this machine's lock of a workspace until the scope closes. A lock whose process has ended is replaced, also when
 * its id belongs to another process by now. Fails with `WorkspaceBusy` if a process holds it, with `PlatformError` if it
 * can't be written.
 */
export const runLock = Effect.fn("RunLock.runLock")(function* (results: string, { wait = false }: LockOptions = {}) {
  const fs = yield* FileSystem.FileSystem
  const path = lockPath(results, ownMark().host)
  yield* fs.makeDirectory(results, { recursive: true })
  const taken = take(path).pipe(Effect.catchTag("WorkspaceBusy", (busy) => takeOver(path, busy)))
  yield* Effect.acquireRelease(
    (wait ? queued(taken) : taken).pipe(Effect.tap(() => Effect.sync(() => held.add(path)))),
    () =>
      Effect.suspend(() => {
        held.delete(path)
        return Effect.ignore(fs.remove(path, { force: true }))
      }),
    { interruptible: true },
  )
})

/** The processes that measure in a workspace, this machine's first. Those of other machines may have ended. */
export const runningProcesses = Effect.fn("RunLock.runningProcesses")(function* (results: string) {
  const fs = yield* FileSystem.FileSystem
  const names = yield* Effect.orElseSucceed(fs.readDirectory(results), () => [])
  const paths = names.filter((name) => /^run\.lock\.[\w.-]+$/.test(name)).map((name) => join(results, name))
  const marks = yield* Effect.forEach(paths, (path) => Effect.map(owner(path), (mark) => ({ mark, path })))
  return marks
    .flatMap(({ mark, path }) => (mark !== undefined && isHeld(mark, path) ? mark : []))
    .toSorted((a, b) => Number(b.host === ownMark().host) - Number(a.host === ownMark().host))
})

/** Tries until the lock is free, and reports `Progress`. */
const queued = <A, E extends { readonly _tag: string }, R>(taking: Effect.Effect<A, E | WorkspaceBusy, R>) => {
  const step = "workspace"
  const isBusy = (error: E | WorkspaceBusy): error is WorkspaceBusy => error instanceof WorkspaceBusy
  const waiting = ({ pid }: WorkspaceBusy) => report({ step, detail: `waiting for process ${pid}, which is measuring` })
  return taking.pipe(
    Effect.catchIf(isBusy, (busy) =>
      waiting(busy).pipe(
        Effect.andThen(taking),
        Effect.retry({ while: isBusy, schedule: Schedule.spaced("1 second") }),
        Effect.tap(() => report({ step, detail: "it is free now", finished: true })),
      ),
    ),
  )
}

/** Moves a complete file to the lock's name: nobody ever reads a lock without its process. */
const take = Effect.fnUntraced(function* (path: string) {
  const fs = yield* FileSystem.FileSystem
  const own = partialPath(path)
  yield* fs.writeFileString(own, markText(ownMark()))
  yield* fs.link(own, path).pipe(
    Effect.catchIf(
      ({ reason }) => reason._tag === "AlreadyExists",
      () => Effect.flatMap(owner(path), (mark) => new WorkspaceBusy({ pid: mark?.pid ?? 0, path })),
    ),
    Effect.ensuring(Effect.ignore(fs.remove(own))),
  )
})

/** Moves a dead lock away and takes its place, unless another process was faster: then its lock is restored. */
const takeOver = Effect.fnUntraced(function* (path: string, busy: WorkspaceBusy) {
  const fs = yield* FileSystem.FileSystem
  const dead = yield* owner(path)
  if (dead !== undefined && isHeld(dead, path)) return yield* busy
  const moved = partialPath(path)
  yield* Effect.ignore(fs.rename(path, moved))
  const found = yield* owner(moved)
  if (found !== undefined && isHeld(found, path)) yield* Effect.ignore(fs.link(moved, path))
  yield* fs.remove(moved, { force: true })
  yield* take(path)
})

/** The process that a lock names; `undefined` if it is gone or names none. */
const owner = Effect.fnUntraced(function* (path: string) {
  return parseMark((yield* Effect.orElseSucceed(readText(path, FILE_LIMITS.small), () => "")).trim())
})

const isHeld = (mark: ProcessMark, path: string): boolean => {
  const own = ownMark()
  return mark.pid === own.pid && mark.start === own.start ? held.has(path) : stateOf(mark) !== "ended"
}
