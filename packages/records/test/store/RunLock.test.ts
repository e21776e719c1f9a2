import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, Fiber, FileSystem } from "effect"
import { spawn, spawnSync } from "node:child_process"
import { join } from "node:path"
import { markText, ownMark } from "../../../core/src/engine/process/ProcessMark.ts"
import { procStat } from "../../../core/src/engine/process/ProcStat.ts"
import { hurried } from "../../../core/test/fakes/hurriedClock.ts"
import { until } from "../../../core/test/fakes/until.ts"
import { run } from "../../../runner/src/run/Run.ts"
import { fakeLog } from "../../../testkit/src/FakeBackend.ts"
import { fakeCell } from "../../../testkit/src/FakeCell.ts"
import { runLock, runningProcesses, WorkspaceBusy } from "../../src/store/RunLock.ts"
import { fakeWorkspace, put } from "../fakes/workspace.ts"

// Real files and processes: as long as a busy machine may take.
/** The id of a process that has ended. */
const endedPid = (): number => spawnSync("true").pid

const lockIn = (results: string): string => join(results, `run.lock.${ownMark().host}`)

layer(NodeServices.layer, { excludeTestServices: true })("runLock", (it) => {
  it.effect("lets one run at a time into a workspace", () =>
    Effect.gen(function* () {
      const workspace = yield* fakeWorkspace()
      const log = fakeLog()
      const first = yield* Effect.forkChild(hurried(run([fakeCell({ hangAt: 0 }, {}, log)], { workspace })))
      yield* until(() => log.requests === 1)
      const error = yield* Effect.flip(hurried(run([fakeCell({}, {}, log)], { workspace })))
      assert.instanceOf(error, WorkspaceBusy)
      assert.include(error.message, `Process ${process.pid} is measuring`)
      yield* Fiber.interrupt(first)
      assert.lengthOf(yield* hurried(run([fakeCell()], { workspace })), 1)
    }),
  )

  it.effect("takes over the lock of a process that has ended, or that nobody can have written", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const results = join(yield* fs.makeTempDirectoryScoped(), "not", "there", "yet")
      const own = ownMark()
      const restarted = [{ start: "1" }, { boot: "00000000" }, { namespace: "1" }].map((other) =>
        markText({ ...own, pid: process.ppid, ...other }),
      )
      const ended = markText({ ...own, pid: endedPid() })
      // The fourth: a number that belongs to a living process says nothing.
      for (const text of [...restarted, String(process.ppid), ended, markText(own), "", "hello", "-1"]) {
        yield* put(lockIn(results), text)
        yield* Effect.scoped(runLock(results))
        assert.deepStrictEqual(yield* fs.readDirectory(results), [], text)
      }
    }),
  )

  it.effect("leaves the lock of another that lives where it is, and waits for it where that is wanted", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const results = yield* fs.makeTempDirectoryScoped()
      const other = spawn("sleep", ["600"])
      const start = procStat(other.pid!)?.start ?? "-"
      const text = markText({ ...ownMark(), pid: other.pid!, start })
      yield* put(lockIn(results), text)
      const error = yield* Effect.flip(Effect.scoped(runLock(results)))
      assert.include((error as Error).message, `Process ${other.pid} is measuring`)
      assert.strictEqual(yield* fs.readFileString(lockIn(results)), text)
      const waiting = yield* Effect.forkChild(Effect.scoped(runLock(results, { wait: true })))
      yield* until(() => waiting.pollUnsafe() === undefined)
      other.kill("SIGKILL")
      yield* Fiber.join(waiting)
      assert.deepStrictEqual(yield* fs.readDirectory(results), [])
    }),
  )

  it.effect("leaves other machines their own locks, and names who measures", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const results = yield* fs.makeTempDirectoryScoped()
      const away = { ...ownMark(), pid: 7, boot: "00000000", host: "cellar" }
      yield* put(join(results, "run.lock.cellar"), markText(away))
      assert.deepStrictEqual(yield* runningProcesses(results), [away])
      yield* Effect.scoped(
        Effect.gen(function* () {
          yield* runLock(results)
          assert.deepStrictEqual(yield* runningProcesses(results), [ownMark(), away])
        }),
      )
      assert.deepStrictEqual(yield* fs.readDirectory(results), ["run.lock.cellar"])
    }),
  )
})
