import { Effect, FileSystem, Schema } from "effect"
import { join } from "node:path"

/** Somebody else measures in this workspace: two runs at once would spoil each other's figures. */
export class WorkspaceBusy extends Schema.TaggedError<WorkspaceBusy>()("WorkspaceBusy", {
  pid: Schema.Int,
  path: Schema.String,
}) {
  override get message(): string {
    return `Process ${this.pid} is measuring in this workspace (${this.path}). Wait for it, or stop it.`
  }
}

/** Locks that this process holds: our own id in any other is an earlier process's, for in containers ids repeat. */
const held = new Set<string>()

/** Holds the workspace's lock until the scope closes. A lock whose process has ended is taken over. */
export const runLock = Effect.fn("RunLock.runLock")(function* (results: string) {
  const fs = yield* FileSystem.FileSystem
  const path = join(results, "run.lock")
  yield* fs.makeDirectory(results, { recursive: true })
  const take = fs.writeFileString(path, String(process.pid), { flag: "wx" })
  yield* Effect.acquireRelease(
    take.pipe(
      Effect.catch(() =>
        Effect.gen(function* () {
          const pid = Number(yield* Effect.orElseSucceed(fs.readFileString(path), () => ""))
          if (pid === process.pid ? held.has(path) : isAlive(pid)) return yield* new WorkspaceBusy({ pid, path })
          yield* fs.remove(path, { force: true })
          return yield* take
        }),
      ),
      Effect.tap(() => Effect.sync(() => held.add(path))),
    ),
    () =>
      Effect.suspend(() => {
        held.delete(path)
        return Effect.ignore(fs.remove(path, { force: true }))
      }),
  )
})

const isAlive = (pid: number): boolean => {
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"
  }
}
