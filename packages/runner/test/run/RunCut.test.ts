import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import type { Workspace } from "@rigbook/records"
import { readRecords, RECORD_FILE, unfinishedFolders } from "@rigbook/records"
import { Effect, Fiber, FileSystem, Schema } from "effect"
import { join } from "node:path"
import { hurried } from "../../../core/test/fakes/hurriedClock.ts"
import { until } from "../../../core/test/fakes/until.ts"
import { JOURNAL_FILE, parseJournal } from "../../../records/src/journal/Journal.ts"
import { fakeWorkspace } from "../../../records/test/fakes/workspace.ts"
import { type FakeLog, fakeLog } from "../../../testkit/src/FakeBackend.ts"
import { fakeCell, protocol } from "../../../testkit/src/FakeCell.ts"
import type { Cell } from "../../src/plan/Plan.ts"
import { run } from "../../src/run/Run.ts"

// Real files and processes: as long as a busy machine may take.
const TRIALS = 4
const cellOf = (log: FakeLog = fakeLog(), options = {}): Cell =>
  fakeCell(options, { protocol: protocol({ warmup: 1, trials: TRIALS }) }, log)

const journalOf = Effect.fnUntraced(function* (workspace: Workspace, id: string) {
  const fs = yield* FileSystem.FileSystem
  return Buffer.from(yield* fs.readFile(join(workspace.raw, id, JOURNAL_FILE)))
})

/** A workspace with one run that was killed when its journal had so many bytes. */
const cutRun = Effect.fnUntraced(function* (whole: Uint8Array, id: string, bytes: number) {
  const fs = yield* FileSystem.FileSystem
  const workspace = yield* fakeWorkspace()
  yield* fs.makeDirectory(join(workspace.raw, id), { recursive: true })
  yield* fs.writeFile(join(workspace.raw, id, JOURNAL_FILE), whole.subarray(0, bytes))
  return workspace
})

const finishedRun = (cell: Cell) =>
  Effect.gen(function* () {
    const workspace = yield* fakeWorkspace()
    const [record] = yield* hurried(run([cell], { workspace }))
    return { record: record!, whole: yield* journalOf(workspace, record!.id) }
  })

/** Goes on with a run cut after `bytes`, and checks that nothing is lost and nothing measured twice. */
const goesOn = Effect.fnUntraced(function* (whole: Buffer, id: string, bytes: number) {
  const kept = whole.subarray(0, whole.subarray(0, bytes).lastIndexOf(0x0a) + 1)
  const workspace = yield* cutRun(whole, id, bytes)
  const log = fakeLog()
  const [record] = yield* hurried(run([cellOf(log)], { workspace }))
  const continued = yield* journalOf(workspace, record!.id)
  assert.isTrue(continued.subarray(0, kept.length).equals(kept), "what was measured is kept, byte for byte")
  const journal = yield* parseJournal(continued.toString("utf8"), "continued")
  const measured = journal!.samples.filter(({ phase }) => phase === "measured")
  assert.deepStrictEqual(
    measured.map(({ trial }) => trial),
    [0, 1, 2, 3],
  )
  assert.strictEqual(record!.samples.measured, TRIALS)
  assert.strictEqual(record!.cell.identity, cellOf().spec.identity)
  assert.isDefined(journal!.finishedAt)
  assert.strictEqual(continued.toString("utf8").split('{"kind":"answers"').length, 2)
  assert.deepStrictEqual(record!.answers, journal!.answers)
  assert.strictEqual(record!.id === id, kept.length > 0)
  assert.isUndefined(record!.failure)
  // A warm-up of two requests an opening, three that are asked once, and the measured trials that were missing.
  const before = yield* parseJournal(kept.toString("utf8"), "kept")
  const missing = TRIALS - (before?.samples.filter(({ phase }) => phase === "measured").length ?? 0)
  const asked = before?.answers === undefined ? 3 : 0
  assert.deepStrictEqual(log, missing === 0 ? fakeLog() : { opened: 1, closed: 1, requests: 2 + asked + 2 * missing })
  assert.deepStrictEqual(
    record!.verdict.reasons.some(({ code }) => code === "engine-restarted"),
    (before?.openings ?? 0) > 0 && missing > 0,
  )
})

layer(NodeServices.layer, { excludeTestServices: true })("a run that was cut", (it) => {
  const whole = Effect.runSync(Effect.cached(finishedRun(cellOf())))
  const Share = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }))

  it.effect.prop(
    "is gone on with from any byte",
    { share: Share },
    ({ share }) =>
      Effect.gen(function* () {
        const { record, whole: bytes } = yield* whole
        yield* Effect.scoped(goesOn(bytes, record.id, Math.round(share * bytes.length)))
      }),
    { arbitrary: { runs: 40 } },
  )

  it.effect("is gone on with from just before and after every line's end", () =>
    Effect.gen(function* () {
      const { record, whole: bytes } = yield* whole
      const ends = [...bytes.keys()].filter((index) => bytes[index] === 0x0a)
      for (const end of ends) for (const cut of [end, end + 1]) yield* Effect.scoped(goesOn(bytes, record.id, cut))
      assert.strictEqual(ends.length, TRIALS + 5)
    }),
  )

  it.effect("has failed already when the kill came between its failure and its end", () =>
    Effect.gen(function* () {
      const log = fakeLog()
      const crashing = { crashAt: 8 }
      const { record, whole: bytes } = yield* finishedRun(cellOf(log, crashing))
      const last = bytes.lastIndexOf(0x0a, bytes.length - 2) + 1
      const workspace = yield* cutRun(bytes, record.id, last)
      const [again] = yield* hurried(run([cellOf(log, crashing)], { workspace }))
      assert.strictEqual(again!.failure?.reason._tag, "Crashed")
      assert.strictEqual(again!.id, record.id)
      assert.strictEqual(log.opened, 1)
    }),
  )

  it.effect("is left alone when its journal is broken in the middle, or measured afresh", () =>
    Effect.gen(function* () {
      const { record, whole: bytes } = yield* whole
      const broken = Buffer.concat([bytes.subarray(0, bytes.indexOf(0x0a) + 1), Buffer.from("nonsense\n")])
      const cut = bytes.subarray(0, Math.round(bytes.length * 0.9))
      for (const [text, fresh] of [
        [broken, false],
        [cut, true],
      ] as const) {
        const workspace = yield* cutRun(text, record.id, text.length)
        const [other] = yield* hurried(run([cellOf()], { workspace, fresh }))
        assert.notStrictEqual(other!.id, record.id)
        assert.isTrue((yield* journalOf(workspace, record.id)).equals(text))
      }
    }),
  )

  it.effect("does not go on with the journal of another cell", () =>
    Effect.gen(function* () {
      const { record, whole: bytes } = yield* whole
      const workspace = yield* cutRun(bytes, record.id, Math.round(bytes.length * 0.9))
      const [other] = yield* hurried(run([cellOf(fakeLog(), { firstMs: 2 })], { workspace }))
      assert.notStrictEqual(other!.id, record.id)
      assert.deepStrictEqual(yield* unfinishedFolders(workspace.raw), [join(workspace.raw, record.id)])
    }),
  )

  it.effect("is what an interruption leaves: the engine is closed, and the next run goes on", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const workspace = yield* fakeWorkspace()
      const log = fakeLog()
      // Warm-up, answers and two trials take nine requests; the tenth never ends.
      const fiber = yield* Effect.forkChild(hurried(run([cellOf(log, { hangAt: 9 })], { workspace })))
      yield* until(() => log.requests === 10)
      yield* Fiber.interrupt(fiber)
      assert.deepInclude(log, { opened: 1, closed: 1 })
      const [folder] = yield* unfinishedFolders(workspace.raw)
      assert.isFalse(yield* fs.exists(join(folder!, RECORD_FILE)))
      const [record] = yield* hurried(run([cellOf(log, { hangAt: 9 })], { workspace }))
      assert.strictEqual(join(workspace.raw, record!.id), folder)
      assert.strictEqual(record!.samples.measured, TRIALS)
      assert.deepInclude(log, { opened: 2, closed: 2 })
      assert.strictEqual((yield* readRecords(workspace.raw)).records.length, 1)
    }),
  )
})
