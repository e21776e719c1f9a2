import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { absent, backendError, NotInstalled, RunLine } from "@rigbook/core"
import type { Metric } from "@rigbook/core"
import { readRecords } from "@rigbook/records"
import { Effect, FileSystem, Schema } from "effect"
import { join } from "node:path"
import { hurried } from "../../../core/test/fakes/hurriedClock.ts"
import { fakeWorkspace } from "../../../records/test/fakes/workspace.ts"
import { fakeLog } from "../../../testkit/src/FakeBackend.ts"
import { fakeCell, protocol, scenario } from "../../../testkit/src/FakeCell.ts"
import type { Cell } from "../../src/plan/Cell.ts"
import { run, type RunOptions } from "../../src/run/Run.ts"

// Real files and processes: as long as a busy machine may take.
/** Runs cells, and gives the records with the lines of each cell and their kinds. */
const runs = Effect.fnUntraced(function* (cells: ReadonlyArray<Cell>, options: RunOptions) {
  const reported: Array<RunLine> = []
  const onLine = (line: RunLine) => Effect.sync(() => void reported.push(line))
  const records = yield* hurried(run(cells, { ...options, onLine }))
  const [first, ...lines] = reported
  assert.strictEqual(first?.kind, "run")
  return { records, first, lines, kinds: lines.map(({ kind }) => kind) }
})

const DETAIL = { detail: "Too large.", fix: "Take a smaller one." }
const other = { config: { id: "other", name: "Other", path: "models/configs/other.yaml" } }

layer(NodeServices.layer, { excludeTestServices: true })("run", (it) => {
  it.effect("tells what happens in order, and leaves a record with its journal", () =>
    Effect.gen(function* () {
      const workspace = yield* fakeWorkspace()
      const log = fakeLog()
      const { first, kinds, lines, records } = yield* runs([fakeCell({ loadMs: 100 }, {}, log)], { workspace })
      assert.deepStrictEqual(kinds, ["started", "opened", "trial", "asking", "trial", "trial", "finished"])
      const trials = lines.flatMap((line) => (line.kind === "trial" ? [line] : []))
      assert.deepStrictEqual(
        trials.map(({ done, total }) => [done, total]),
        [
          [1, 3],
          [2, 3],
          [3, 3],
        ],
      )
      assert.deepStrictEqual(
        trials.map(({ phase, trial }) => [phase, trial]),
        [
          ["warmup", 0],
          ["measured", 0],
          ["measured", 1],
        ],
      )
      const [record] = records
      const { identity } = record!.cell
      assert.deepInclude(first, {
        cells: [
          {
            cell: identity,
            config: "fake-model",
            name: "Fake model",
            backend: "fake",
            placement: "cpu",
            scenario: "latency-fake-prompts-2x4",
          },
        ],
      })
      assert.isTrue(lines.every((line) => "cell" in line && line.cell === identity))
      assert.deepInclude(lines[0], { record: record!.id, kept: 0 })
      assert.deepInclude(lines.at(-1), { record: record!.id, status: record!.verdict.status })
      const asText = Schema.fromJsonString(RunLine)
      for (const line of [first!, ...lines])
        assert.deepStrictEqual(Schema.decodeSync(asText)(Schema.encodeSync(asText)(line)), line)
      assert.deepInclude(record!.samples, { warmup: 1, measured: 2 })
      assert.deepStrictEqual(record!.effective?.devices, record!.cell.placement.devices)
      const answer = { text: "x".repeat(32), inputTokens: 100 }
      assert.deepStrictEqual(record!.answers, { texts: [answer, answer, answer], outputTokens: 32 })
      assert.deepStrictEqual(log, { opened: 1, closed: 1, requests: 6 + 3 })
      assert.deepStrictEqual((yield* readRecords(workspace.raw)).records, records)
      const fs = yield* FileSystem.FileSystem
      assert.deepStrictEqual((yield* fs.readDirectory(join(workspace.raw, record!.id))).toSorted(), [
        "record.json",
        "samples.ndjson",
        "telemetry.ndjson",
      ])
      assert.deepStrictEqual(yield* fs.readDirectory(join(workspace.raw, "..")), ["raw"])
    }),
  )

  it.effect("makes a record of a cell that fails, and continues with the others", () =>
    Effect.gen(function* () {
      const workspace = yield* fakeWorkspace()
      const log = fakeLog()
      const cells = [
        fakeCell({ openFails: { _tag: "OutOfMemory", ...DETAIL } }, {}, log),
        // Of each cell the first two requests are warm-up, and three more are sent for their answers.
        fakeCell({ crashAt: 6 }, {}, log),
        fakeCell({ hangAt: 12 }, { protocol: protocol({ warmup: 1, trials: 2, stallTimeoutMs: 1000 }) }, log),
        fakeCell({}, other, log),
      ]
      const { records } = yield* runs(cells, { workspace })
      assert.deepStrictEqual(
        records.map(({ failure }) => failure?.reason._tag),
        ["OutOfMemory", "Crashed", "TimedOut", undefined],
      )
      assert.deepStrictEqual(
        records.map(({ verdict }) => verdict.status === "invalid"),
        [true, true, true, false],
      )
      assert.deepStrictEqual(records[0]!.failure?.logTail, ["fake engine: last line"])
      assert.notProperty(records[0], "effective")
      assert.deepStrictEqual(
        records.map(({ samples }) => samples.measured),
        [0, 1, 1, 2],
      )
      assert.strictEqual(log.opened, log.closed)
      assert.deepStrictEqual((yield* readRecords(workspace.raw)).records.length, 4)
    }),
  )

  it.effect("records a request that fails without a load as the end of its cell, with how it failed", () =>
    Effect.gen(function* () {
      const workspace = yield* fakeWorkspace()
      // Two requests warm up and three are kept for their answers: the sixth is the first that is measured.
      const [record] = (yield* runs([fakeCell({ refuseEach: 6 })], { workspace })).records
      const { failure } = (yield* readRecords(workspace.raw)).records[0]!
      assert.deepInclude(failure, { _tag: "BackendError", kind: "refused", status: 429, retryAfterS: 2 })
      assert.strictEqual(failure?.reason._tag, "Refused")
      assert.deepStrictEqual(record!.failure, failure)
    }),
  )

  it.effect("records a cell that can't be started, without an opening, and continues with the others", () =>
    Effect.gen(function* () {
      const workspace = yield* fakeWorkspace()
      const log = fakeLog()
      const failure = backendError("fake")(new NotInstalled(DETAIL))
      const cells = [{ ...fakeCell({}, {}, log), failure }, fakeCell({}, other, log)]
      const { kinds, records } = yield* runs(cells, { workspace, rounds: 2 })
      assert.strictEqual(kinds[0], "finished")
      assert.deepStrictEqual(
        records.map((record) => [record.failure?.reason._tag, record.verdict.status === "invalid"]),
        [
          ["NotInstalled", true],
          [undefined, false],
        ],
      )
      assert.deepInclude(records[0]!.samples, { warmup: 0, measured: 0 })
      assert.strictEqual(log.opened, 2)
      assert.deepStrictEqual((yield* readRecords(workspace.raw)).records.length, 2)
    }),
  )

  it.effect("brings the weights of what was planned by headers, and records why they can't be had", () =>
    Effect.gen(function* () {
      const workspace = yield* fakeWorkspace()
      const log = fakeLog()
      const planned = fakeCell({}, { source: { hub: "me/model", file: "model.gguf" } }, log)
      const { records } = yield* runs([{ ...planned, files: { path: "/absent", headersOnly: true } }], { workspace })
      assert.strictEqual(records[0]!.failure?.reason._tag, "BadModel")
      assert.include(records[0]!.failure?.message, "hf download me/model model.gguf")
      assert.strictEqual(log.opened, 0)
    }),
  )

  it.effect("gives up an engine that never becomes ready", () =>
    Effect.gen(function* () {
      const workspace = yield* fakeWorkspace()
      const slow = fakeCell({ loadMs: 1e9 }, { protocol: protocol({ trials: 1, openTimeoutMs: 10 }) })
      const [record] = (yield* runs([slow], { workspace })).records
      assert.strictEqual(record!.failure?.reason.detail, "The engine was not ready after 0.01 s.")
    }),
  )

  it.effect("skips what has a record that holds, unless a fresh run is requested", () =>
    Effect.gen(function* () {
      const workspace = yield* fakeWorkspace()
      const log = fakeLog()
      const cell = fakeCell({}, {}, log)
      const first = yield* runs([cell], { workspace })
      const second = yield* runs([cell, fakeCell({}, other, log)], { workspace })
      assert.strictEqual(second.kinds[0], "reused")
      assert.deepStrictEqual(second.records[0], first.records[0])
      assert.strictEqual(second.kinds.filter((kind) => kind === "finished").length, 1)
      const third = yield* runs([cell], { workspace, fresh: true })
      assert.notInclude(third.kinds, "reused")
      assert.strictEqual(third.records[0]!.cell.identity, first.records[0]!.cell.identity)
      assert.notStrictEqual(third.records[0]!.id, first.records[0]!.id)
      assert.strictEqual(log.opened, 3)
    }),
  )

  it.effect("measures a cell once, though it is requested twice", () =>
    Effect.gen(function* () {
      const workspace = yield* fakeWorkspace()
      const log = fakeLog()
      for (const fresh of [false, true]) {
        const { kinds } = yield* runs([fakeCell({}, {}, log), fakeCell({}, {}, log)], { workspace, fresh })
        assert.deepStrictEqual(kinds.slice(-2), ["finished", "reused"])
      }
      assert.strictEqual(log.opened, 2)
    }),
  )

  it.effect("measures an invalid record again, each time into a folder of its own", () =>
    Effect.gen(function* () {
      const workspace = yield* fakeWorkspace()
      const broken = fakeCell({ openFails: { _tag: "Refused", ...DETAIL } })
      const ids: Array<string> = []
      for (let turn = 0; turn < 3; turn++) ids.push((yield* runs([broken], { workspace })).records[0]!.id)
      assert.strictEqual(new Set(ids).size, 3)
      for (const record of (yield* readRecords(workspace.raw)).records) {
        assert.strictEqual(record.failure?.reason._tag, "Refused")
        assert.include(ids, record.id)
      }
    }),
  )

  it.effect("survives a metric that gives no number", () =>
    Effect.gen(function* () {
      const workspace = yield* fakeWorkspace()
      const metric = (id: string, value: number): Metric => ({
        id,
        title: id,
        definition: id,
        unit: "ms",
        better: "lower",
        tasks: ["generate"],
        measure: () => ({ value }),
      })
      const metrics = [metric("endless", Infinity), metric("odd", Number.NaN), metric("fine", 3)]
      const [record] = (yield* runs([fakeCell()], { workspace, metrics })).records
      assert.deepStrictEqual(
        record!.values.map(({ result }) => ("absent" in result ? result : result.summary.median)),
        [absent("the metric gave Infinity"), absent("the metric gave NaN"), 3],
      )
    }),
  )

  it.effect("measures a load, with the figures of one", () =>
    Effect.gen(function* () {
      const workspace = yield* fakeWorkspace()
      const load = scenario({ kind: "concurrency", prompts: "fake-prompts", streams: 3, outputTokens: 4 })
      const [record] = (yield* runs([fakeCell({}, { scenario: load })], { workspace })).records
      const medians = new Map(record!.values.map(({ metric, result }) => [metric, "summary" in result]))
      for (const metric of ["ttft", "req_per_s", "total_tps"]) assert.isTrue(medians.get(metric), metric)
      assert.isFalse(medians.get("ttft_p95"), "twelve requests are too few")
      const again = yield* runs([fakeCell({}, { scenario: load })], { workspace })
      assert.deepStrictEqual(again.kinds, ["reused"])
    }),
  )

  it.effect("asks a batch scenario's documents in one call", () =>
    Effect.gen(function* () {
      const workspace = yield* fakeWorkspace()
      const batch = { kind: "batch", prompts: "fake-prompts", documents: 7, batchSize: 4 } as const
      const [record] = (yield* runs([fakeCell({}, { task: "embed", scenario: batch })], { workspace })).records
      const docs = record!.values.find(({ metric }) => metric === "docs_per_s")!
      assert.property(docs.result, "summary")
      assert.notInclude(
        record!.values.map(({ metric }) => metric),
        "ttft",
      )
    }),
  )
})
