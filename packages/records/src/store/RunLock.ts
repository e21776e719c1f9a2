import { type Exit, FILE_LIMITS, readText } from "@rigbook/core"
import { Effect, FileSystem, Schema } from "effect"
import { randomUUID } from "node:crypto"
import { join } from "node:path"

/** Another process measures in this workspace: two runs at once would distort each other's figures. */
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

/**
 * Locks that this process holds: our own id in any other belongs to an earlier process, since ids repeat in containers.
 */
const held = new Set<string>()

/**
 * Holds the workspace's lock until the scope closes. A lock whose process has ended is replaced. Fails with
 * `WorkspaceBusy` if a process holds it, with `PlatformError` if it can't be written.
 */
export const runLock = Effect.fn("RunLock.runLock")(function* (results: string) {
  const fs = yield* FileSystem.FileSystem
  const path = join(results, "run.lock")
  yield* fs.makeDirectory(results, { recursive: true })
  yield* Effect.acquireRelease(
    take(path).pipe(
      Effect.catchTag("WorkspaceBusy", (busy) => (isAlive(busy) ? Effect.fail(busy) : takeOver(path, busy))),
      Effect.tap(() => Effect.sync(() => held.add(path))),
    ),
    () =>
      Effect.suspend(() => {
        held.delete(path)
        return Effect.ignore(fs.remove(path, { force: true }))
      }),
  )
})

/** The process that is measuring in a workspace; `undefined` if there is none. */
export const runningProcess = Effect.fn("RunLock.runningProcess")(function* (results: string) {
  const path = join(results, "run.lock")
  const pid = yield* owner(path)
  return isAlive(new WorkspaceBusy({ pid, path })) ? pid : undefined
})

/** Moves a complete file to the lock's name: nobody ever reads a lock without its process. */
const take = Effect.fnUntraced(function* (path: string) {
  const fs = yield* FileSystem.FileSystem
  const own = `${path}.${randomUUID()}`
  yield* fs.writeFileString(own, String(process.pid))
  yield* fs.link(own, path).pipe(
    Effect.catch(() => Effect.flatMap(owner(path), (pid) => new WorkspaceBusy({ pid, path }))),
    Effect.ensuring(Effect.ignore(fs.remove(own))),
  )
})

/** Moves a dead lock away and takes its place, unless another process was faster: then its lock is restored. */
const takeOver = Effect.fnUntraced(function* (path: string, dead: WorkspaceBusy) {
  const fs = yield* FileSystem.FileSystem
  const moved = `${path}.${randomUUID()}`
  yield* Effect.ignore(fs.rename(path, moved))
  const pid = yield* owner(moved)
  if (pid !== dead.pid && pid !== 0) yield* Effect.ignore(fs.link(moved, path))
  yield* fs.remove(moved, { force: true })
  yield* take(path)
})

/** The process that a lock names; 0 if it is gone or names none. */
const owner = Effect.fnUntraced(function* (path: string) {
  const pid = Number(yield* Effect.orElseSucceed(readText(path, FILE_LIMITS.small), () => ""))
  return Number.isInteger(pid) && pid > 0 ? pid : 0
})

const isAlive = ({ path, pid }: WorkspaceBusy): boolean => {
  if (pid === 0) return false
  if (pid === process.pid) return held.has(path)
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"
  }
}
