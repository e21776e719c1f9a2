import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import type { Workspace } from "@rigbook/records"
import { readRecords, RECORD_FILE, unfinishedFolders } from "@rigbook/records"
import { Effect, Fiber, FileSystem, Schema } from "effect"
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { hurried } from "../../../core/test/fakes/hurriedClock.ts"
import { until } from "../../../core/test/fakes/until.ts"
import { JOURNAL_FILE, parseJournal } from "../../../records/src/journal/Journal.ts"
import { TELEMETRY_FILE } from "../../../records/src/journal/TelemetryFile.ts"
import { fakeWorkspace } from "../../../records/test/fakes/workspace.ts"
import { type FakeLog, fakeLog } from "../../../testkit/src/FakeBackend.ts"
import { fakeCell, protocol } from "../../../testkit/src/FakeCell.ts"
import type { Cell } from "../../src/plan/Cell.ts"
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

/** Resumes a run cut after `bytes`, and checks that nothing is lost and nothing measured twice. */
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
  const requested = before?.answers === undefined ? 3 : 0
  assert.deepStrictEqual(
    log,
    missing === 0 ? fakeLog() : { opened: 1, closed: 1, requests: 2 + requested + 2 * missing },
  )
  assert.deepStrictEqual(
    record!.verdict.reasons.some(({ code }) => code === "engine-restarted"),
    (before?.openings ?? 0) > 0 && missing > 0,
  )
})

layer(NodeServices.layer, { excludeTestServices: true })("an interrupted run", (it) => {
  const whole = Effect.runSync(Effect.cached(finishedRun(cellOf())))
  const Share = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }))

  it.effect.prop(
    "resumes from any byte",
    { share: Share },
    ({ share }) =>
      Effect.gen(function* () {
        const { record, whole: bytes } = yield* whole
        yield* Effect.scoped(goesOn(bytes, record.id, Math.round(share * bytes.length)))
      }),
    { arbitrary: { runs: 40 } },
  )

  it.effect("resumes from just before and after every line's end", () =>
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

  it.effect("is left alone when it is measured afresh", () =>
    Effect.gen(function* () {
      const { record, whole: bytes } = yield* whole
      const cut = bytes.subarray(0, Math.round(bytes.length * 0.9))
      const workspace = yield* cutRun(cut, record.id, cut.length)
      const [other] = yield* hurried(run([cellOf()], { workspace, fresh: true }))
      assert.notStrictEqual(other!.id, record.id)
      assert.isTrue((yield* journalOf(workspace, record.id)).equals(cut))
    }),
  )

  it.effect("resumes though there is an older record, which a fresh run was to replace", () =>
    Effect.gen(function* () {
      const workspace = yield* fakeWorkspace()
      const [first] = yield* hurried(run([cellOf()], { workspace }))
      yield* hurried(run([cellOf()], { workspace, fresh: true, until: 2 }))
      const [folder] = yield* unfinishedFolders(workspace.raw)
      const [second] = yield* hurried(run([cellOf()], { workspace }))
      assert.strictEqual(join(workspace.raw, second!.id), folder)
      assert.notStrictEqual(second!.id, first!.id)
      const [third] = yield* hurried(run([cellOf()], { workspace }))
      assert.strictEqual(third!.id, second!.id)
    }),
  )

  const other = { config: { id: "other", name: "Other", path: "models/configs/other.yaml" } }

  /** Ways to spoil what a cut run has left, and what is said of it. */
  const SPOILS: Record<string, readonly [spoil: (folder: string, lines: ReadonlyArray<string>) => void, says: RegExp]> =
    {
      "a broken line of its journal": [
        (folder, [first]) => writeFileSync(join(folder, JOURNAL_FILE), `${first}\nnonsense\n`),
        /samples\.ndjson:2: /,
      ],
      "a trial that is there twice": [
        (folder, lines) => {
          const at = lines.findIndex((line) => line.includes('"phase":"measured"'))
          writeFileSync(join(folder, JOURNAL_FILE), `${lines.toSpliced(at, 0, lines[at]!).join("\n")}\n`)
        },
        /samples\.ndjson:\d+: measured trial 0 is a duplicate/,
      ],
      "a trial that is gone": [
        (folder, lines) => {
          const at = lines.findIndex((line) => line.includes('"phase":"measured"'))
          writeFileSync(join(folder, JOURNAL_FILE), `${lines.toSpliced(at, 1).join("\n")}\n`)
        },
        /samples\.ndjson:\d+: measured trial 1 follows, expected 0/,
      ],
      "a broken line of its telemetry": [
        (folder) => writeFileSync(join(folder, TELEMETRY_FILE), "nonsense\n"),
        /telemetry\.ndjson:1: /,
      ],
      "telemetry that is a folder": [(folder) => mkdirSync(join(folder, TELEMETRY_FILE)), /telemetry\.ndjson/],
      "telemetry that leads to itself": [
        (folder) => symlinkSync(TELEMETRY_FILE, join(folder, TELEMETRY_FILE)),
        /telemetry\.ndjson/,
      ],
    }

  for (const [what, [spoil, says]] of Object.entries(SPOILS))
    it.effect(`is its own cell's failure, and no other's, with ${what}`, () =>
      Effect.gen(function* () {
        const { record, whole: bytes } = yield* whole
        const lines = bytes.toString("utf8").trimEnd().split("\n").slice(0, -2)
        const text = Buffer.from(`${lines.join("\n")}\n`)
        const workspace = yield* cutRun(text, record.id, text.length)
        spoil(join(workspace.raw, record.id), lines)
        const [failed, measured] = yield* hurried(run([cellOf(), fakeCell({}, other)], { workspace }))
        assert.notStrictEqual(failed!.id, record.id)
        assert.strictEqual(failed!.verdict.status, "invalid")
        assert.strictEqual(failed!.failure?.reason._tag, "BadFiles")
        assert.match(failed!.failure!.reason.detail, says)
        assert.include(failed!.failure!.reason.fix, record.id)
        assert.isUndefined(measured!.failure)
        const [again] = yield* hurried(run([cellOf()], { workspace, fresh: true }))
        assert.isUndefined(again!.failure)
      }),
    )

  it.effect("belongs to no cell when its first line can't be read, or its journal is a folder", () =>
    Effect.gen(function* () {
      const workspace = yield* fakeWorkspace()
      mkdirSync(join(workspace.raw, "one"), { recursive: true })
      writeFileSync(join(workspace.raw, "one", JOURNAL_FILE), "nonsense\n")
      mkdirSync(join(workspace.raw, "two", JOURNAL_FILE), { recursive: true })
      symlinkSync("nowhere", join(workspace.raw, "three"))
      const [record] = yield* hurried(run([cellOf()], { workspace }))
      assert.isUndefined(record!.failure)
    }),
  )

  it.effect("does not resume the journal of another cell", () =>
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
