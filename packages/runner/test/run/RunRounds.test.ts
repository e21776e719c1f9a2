import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { type Journal, readJournal } from "@rigbook/records"
import { Effect } from "effect"
import { join } from "node:path"
import { hurried } from "../../../core/test/fakes/hurriedClock.ts"
import { fakeWorkspace } from "../../../records/test/fakes/workspace.ts"
import { fakeLog } from "../../../testkit/src/FakeBackend.ts"
import { fakeCell, protocol } from "../../../testkit/src/FakeCell.ts"
import type { Cell } from "../../src/plan/Cell.ts"
import { run, type RunOptions } from "../../src/run/Run.ts"

// Real files and processes: as long as a busy machine may take.
/** Runs cells, and gives the records with the order in which trials were measured: `a0` is the first of a. */
const order = Effect.fnUntraced(function* (cells: ReadonlyArray<Cell>, options: RunOptions) {
  const trials: Array<string> = []
  const configs = new Map(cells.map(({ spec }) => [spec.identity, spec.config.id]))
  const records = yield* hurried(
    run(cells, {
      ...options,
      onLine: (line) =>
        Effect.sync(() => {
          if (line.kind === "trial" && line.phase === "measured") trials.push(`${configs.get(line.cell)}${line.trial}`)
        }),
    }),
  )
  return { records, trials }
})

const config = (id: string) => ({ config: { id, name: id, path: "x" }, protocol: protocol({ warmup: 1, trials: 3 }) })

layer(NodeServices.layer, { excludeTestServices: true })("run in rounds", (it) => {
  it.effect("measures cells in turns, each in one record", () =>
    Effect.gen(function* () {
      const workspace = yield* fakeWorkspace()
      const log = fakeLog()
      const cells = [fakeCell({}, config("a"), log), fakeCell({}, config("b"), log)]
      const { records, trials } = yield* order(cells, { workspace, rounds: 2 })
      assert.deepStrictEqual(trials, ["a0", "a1", "b0", "b1", "a2", "b2"])
      assert.deepStrictEqual(
        records.map(({ cell, samples }) => [cell.config.id, samples.measured, samples.warmup]),
        [
          ["a", 3, 2],
          ["b", 3, 2],
        ],
      )
      assert.deepInclude(log, { opened: 4, closed: 4 })
      const journal: Journal = (yield* readJournal(join(workspace.raw, records[0]!.id)))!
      assert.deepStrictEqual(
        journal.samples.map(({ opening, phase, trial }) => [opening, phase, trial]),
        [
          [0, "warmup", 0],
          [0, "measured", 0],
          [0, "measured", 1],
          [1, "warmup", 0],
          [1, "measured", 2],
        ],
      )
      assert.deepStrictEqual((yield* order(cells, { workspace, rounds: 2 })).trials, [])
    }),
  )

  it.effect("resumes a run that was interrupted before, and never measures a trial twice", () =>
    Effect.gen(function* () {
      const workspace = yield* fakeWorkspace()
      const cells = [fakeCell({}, config("a")), fakeCell({}, config("b"))]
      assert.deepStrictEqual((yield* order(cells, { workspace, until: 1 })).records, [])
      const { records, trials } = yield* order(cells, { workspace, rounds: 2 })
      assert.deepStrictEqual(trials, ["a1", "b1", "a2", "b2"])
      assert.deepStrictEqual(
        records.map(({ samples }) => samples.measured),
        [3, 3],
      )
    }),
  )

  it.effect("has no more rounds than trials, and does not try a cell again that failed", () =>
    Effect.gen(function* () {
      const workspace = yield* fakeWorkspace()
      const log = fakeLog()
      const cells = [fakeCell({ crashAt: 6 }, config("a"), log), fakeCell({}, config("b"), log)]
      const { records, trials } = yield* order(cells, { workspace, rounds: 9 })
      assert.deepStrictEqual(trials, ["b0", "b1", "b2"])
      assert.deepStrictEqual(
        records.map(({ verdict }) => verdict.status === "invalid"),
        [true, false],
      )
      assert.deepInclude(log, { opened: 4, closed: 4 })
    }),
  )
})
