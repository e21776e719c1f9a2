import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { hurried } from "../../../core/test/fakes/hurriedClock.ts"
import { until } from "../../../core/test/fakes/until.ts"
import { run } from "../../../runner/src/run/Run.ts"
import { fakeLog } from "../../../testkit/src/FakeBackend.ts"
import { fakeCell } from "../../../testkit/src/FakeCell.ts"
import { readRecords } from "../../src/store/RecordStore.ts"
import { runProgress } from "../../src/store/RunProgress.ts"
import { fakeWorkspace } from "../fakes/workspace.ts"

const asking = (requests: number) =>
  ({ scenario: { kind: "latency", prompts: "fake-prompts", requests, outputTokens: 4 } }) as const

layer(NodeServices.layer, { excludeTestServices: true })("runProgress", (it) => {
  it.effect("is undefined where nobody measures, before a run and after it", () =>
    Effect.gen(function* () {
      const workspace = yield* fakeWorkspace()
      assert.isUndefined(yield* runProgress(workspace.raw, []))
      yield* hurried(run([fakeCell()], { workspace }))
      assert.isUndefined(yield* runProgress(workspace.raw, []))
    }),
  )

  it.effect("tells the running cell with its trials so far, what is done and what comes next", () =>
    Effect.gen(function* () {
      const workspace = yield* fakeWorkspace()
      const log = fakeLog()
      const cells = [fakeCell({}, asking(1)), fakeCell({ hangAt: 4 }, asking(2), log), fakeCell({}, asking(3))] as const
      const running = yield* Effect.forkChild(hurried(run(cells, { workspace })))
      yield* until(() => log.requests === 5)
      const { records } = yield* readRecords(workspace.raw)
      const progress = yield* runProgress(workspace.raw, records)
      assert.strictEqual(progress?.pid, process.pid)
      assert.strictEqual(progress?.running?.journal.header.cell.identity, cells[1].spec.identity)
      assert.isNotEmpty(progress!.running!.journal.samples)
      assert.deepStrictEqual([progress?.done, progress?.cells], [1, 3])
      assert.deepStrictEqual(
        progress?.next.map(({ identity }) => identity),
        [cells[2].spec.identity],
      )
      // What nobody has read yet is still to come, rather than done.
      assert.strictEqual((yield* runProgress(workspace.raw, []))?.done, 0)
      yield* Fiber.interrupt(running)
    }),
  )
})
