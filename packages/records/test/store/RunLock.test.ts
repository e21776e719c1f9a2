import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, Exit, Fiber, FileSystem } from "effect"
import { spawnSync } from "node:child_process"
import { join } from "node:path"
import { hurried } from "../../../core/test/fakes/hurriedClock.ts"
import { until } from "../../../core/test/fakes/until.ts"
import { run } from "../../../runner/src/run/Run.ts"
import { fakeLog } from "../../../testkit/src/FakeBackend.ts"
import { fakeCell } from "../../../testkit/src/FakeCell.ts"
import { runLock, WorkspaceBusy } from "../../src/store/RunLock.ts"
import { fakeWorkspace, put } from "../fakes/workspace.ts"

// Real files and processes: as long as a busy machine may take.
/** The id of a process that has ended. */
const endedPid = (): number => spawnSync("true").pid

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
      for (const text of [String(endedPid()), String(process.pid), "", "hello", "-1"]) {
        yield* put(join(results, "run.lock"), text)
        yield* Effect.scoped(runLock(results))
        assert.isFalse(yield* fs.exists(join(results, "run.lock")))
      }
    }),
  )

  it.effect("leaves the lock of another that lives where it is", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const results = yield* fs.makeTempDirectoryScoped()
      yield* put(join(results, "run.lock"), String(process.ppid))
      const exit = yield* Effect.exit(Effect.scoped(runLock(results)))
      assert.isTrue(Exit.isFailure(exit))
      assert.strictEqual(yield* fs.readFileString(join(results, "run.lock")), String(process.ppid))
    }),
  )
})
