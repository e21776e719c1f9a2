import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { join } from "node:path"
import { hurried } from "../../../core/test/fakes/hurriedClock.ts"
import { run } from "../../../runner/src/run/Run.ts"
import { fakeCell } from "../../../testkit/src/FakeCell.ts"
import { parseJournal } from "../../src/journal/Journal.ts"
import { TELEMETRY_FILE } from "../../src/journal/TelemetryFile.ts"
import {
  deriveRecord,
  readRecords,
  RECORD_FILE,
  recordOf,
  recordText,
  unfinishedFolders,
  writeRecord,
} from "../../src/store/RecordStore.ts"
import { fakeWorkspace, put } from "../fakes/workspace.ts"

// Real files and processes: as long as a busy machine may take.
const cells = [
  fakeCell({ cachedTokens: 3 }),
  fakeCell({ crashAt: 3 }),
  fakeCell({ openFails: { _tag: "NotInstalled", detail: "It is not there.", fix: "Install it." } }),
]

layer(NodeServices.layer, { excludeTestServices: true })("the store of records", (it) => {
  it.effect("derives a record from its journal, twice with equal bytes", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const workspace = yield* fakeWorkspace()
      for (const record of yield* hurried(run(cells, { workspace }))) {
        const folder = join(workspace.raw, record.id)
        const onDisk = yield* fs.readFileString(join(folder, RECORD_FILE))
        const derived = (yield* deriveRecord(folder))!
        assert.deepStrictEqual(derived, record)
        assert.strictEqual(yield* recordText(derived), onDisk)
        assert.isAbove(record.telemetry!.readings, 0)
        assert.deepStrictEqual(yield* writeRecord(folder), record)
        assert.strictEqual(yield* fs.readFileString(join(folder, RECORD_FILE)), onDisk)
      }
    }),
  )

  it.effect("derives a record made before telemetry was kept, without what only that tells", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const workspace = yield* fakeWorkspace()
      const [record] = yield* hurried(run([fakeCell()], { workspace }))
      const folder = join(workspace.raw, record!.id)
      yield* fs.remove(join(folder, TELEMETRY_FILE))
      const derived = (yield* deriveRecord(folder))!
      for (const field of ["devices", "placement"]) assert.notProperty(derived.observed, field)
      assert.notProperty(derived, "telemetry")
      const use = derived.values.find(({ metric }) => metric === "cpu_cores")
      assert.deepStrictEqual(use?.result, { absent: "no telemetry was taken" })
      // Of a machine that is busy telemetry tells more.
      const reported = record!.verdict.reasons.filter(({ code }) => code !== "client-bound")
      assert.deepStrictEqual(derived.verdict.reasons, reported)
    }),
  )

  it.effect("says which peak was observed, or why none was", () =>
    Effect.gen(function* () {
      const workspace = yield* fakeWorkspace()
      const [first] = yield* hurried(run(cells.slice(0, 1), { workspace }))
      assert.deepStrictEqual(first!.observed.peakRssBytes, { absent: "the backend reports no process" })
      const fs = yield* FileSystem.FileSystem
      const text = yield* fs.readFileString(join(workspace.raw, first!.id, "samples.ndjson"))
      const changed = text.replaceAll(/"memory":\{[^}]*\}/g, '"memory":{"atMs":[0,1],"rssBytes":[5,7]}')
      const journal = yield* parseJournal(changed, "changed")
      assert.deepStrictEqual(recordOf(journal!, "x").observed.peakRssBytes, { value: 7 })
      assert.deepStrictEqual(recordOf(journal!, "x", []).observed.peakRssBytes, { absent: "memory was not sampled" })
    }),
  )

  it.effect("names each process with its own peak over the measured trials, the largest first", () =>
    Effect.gen(function* () {
      const workspace = yield* fakeWorkspace()
      const [first] = yield* hurried(run(cells.slice(0, 1), { workspace }))
      assert.notProperty(first!.observed, "processes")
      const fs = yield* FileSystem.FileSystem
      const text = yield* fs.readFileString(join(workspace.raw, first!.id, "samples.ndjson"))
      const memory = (...peaks: ReadonlyArray<number>) =>
        `"memory":${JSON.stringify({ atMs: [0], rssBytes: [1], processes: peaks.map((peakRssBytes, pid) => ({ pid, name: `p${pid}`, peakRssBytes })) })}`
      let sample = 0
      const changed = text.replaceAll(/"memory":\{[^}]*\}/g, () => memory(sample++, sample === 1 ? 99 : 5))
      const journal = yield* parseJournal(changed, "changed")
      const measured = journal!.samples.filter(({ phase }) => phase === "measured").length
      assert.isBelow(measured, sample, "the warm-up's 99 bytes count for nothing")
      assert.deepStrictEqual(
        recordOf(journal!, "x").observed.processes,
        [
          { pid: 0, name: "p0", peakRssBytes: sample - 1 },
          { pid: 1, name: "p1", peakRssBytes: 5 },
        ].toSorted((a, b) => b.peakRssBytes - a.peakRssBytes),
      )
    }),
  )

  it.effect("reads all records but the broken ones, oldest first, whatever else lies there", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const workspace = yield* fakeWorkspace()
      const made = yield* hurried(run(cells, { workspace }))
      const [broken] = made
      yield* put(join(workspace.raw, broken!.id, RECORD_FILE), '{"schema":1}')
      yield* put(join(workspace.raw, "cut", RECORD_FILE), '{"schema":1, "id":')
      yield* put(join(workspace.raw, "notes.txt"), "a file among the folders")
      yield* put(join(workspace.raw, ".gitkeep"), "")
      yield* fs.makeDirectory(join(workspace.raw, "empty"))
      const found = yield* readRecords(workspace.raw)
      assert.deepStrictEqual(found.records, made.slice(1))
      assert.deepStrictEqual(
        found.broken.map(({ path }) => path),
        [`benchmarks/results/raw/${broken!.id}/record.json`, "benchmarks/results/raw/cut/record.json"],
      )
      for (const error of found.broken)
        assert.match(error.message, /: not a record: .+\. Its samples are beside it: rigbook derive /)
      assert.deepStrictEqual(yield* unfinishedFolders(workspace.raw), [])
    }),
  )

  it.effect("has nothing where nothing was measured", () =>
    Effect.gen(function* () {
      const { raw } = yield* fakeWorkspace()
      assert.deepStrictEqual(yield* readRecords(raw), { records: [], broken: [] })
      assert.deepStrictEqual(yield* unfinishedFolders(raw), [])
    }),
  )
})
