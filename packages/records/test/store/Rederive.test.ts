import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { type Metric, RunRecord } from "@rigbook/core"
import { Effect, FileSystem } from "effect"
import { systemError } from "effect/PlatformError"
import { join } from "node:path"
import { JOURNAL_FILE } from "../../src/journal/Journal.ts"
import { TELEMETRY_FILE } from "../../src/journal/TelemetryFile.ts"
import { METRICS } from "../../src/metrics/Metrics.ts"
import { readRecord, RECORD_FILE, recordText, writeRecord } from "../../src/store/RecordStore.ts"
import { rederive, type Rederived } from "../../src/store/Rederive.ts"
import { recorded } from "../fakes/recorded.ts"

const hiccup: Metric = { ...METRICS[0]!, id: "hiccup", title: "Hiccup", definition: "as a plugin has it" }

/** A record of rules before today's. */
const older = (text: string): string => text.replace(/"derivation": \d+,/, '"derivation": 0,')

/** What is said of a record that stays as it is. */
const reasonOf = (one: Rederived): string => ("reason" in one ? `${one.status}: ${one.reason}` : one.status)

// Real files and processes: as long as a busy machine may take.
layer(NodeServices.layer, { excludeTestServices: true })("rederive", (it) => {
  it.effect("leaves a record that is up to date", () =>
    Effect.gen(function* () {
      const { folder } = yield* recorded
      assert.deepStrictEqual(yield* rederive(folder), { status: "current" })
      assert.deepStrictEqual(yield* rederive(folder, { named: true }), { status: "current" })
    }),
  )

  it.effect("gives old runs a metric that is new, and keeps it where nobody has it any more", () =>
    Effect.gen(function* () {
      const { change, folder, record, text, verify } = yield* recorded
      const metrics = [...METRICS, hiccup]
      const before = yield* text
      const made = yield* rederive(folder, { metrics, write: false })
      assert.strictEqual(yield* text, before, "nothing is written")
      assert.deepStrictEqual(yield* rederive(folder, { metrics }), made)
      assert.deepInclude(made, { status: "derived", why: "other metrics" })
      const changes = "changes" in made ? made.changes! : assert.fail()
      assert.deepStrictEqual(
        changes.figures.map(({ after, before: was, metric }) => ({ metric, was, isFigure: "value" in after! })),
        [{ metric: "hiccup", was: undefined, isFigure: true }],
      )
      assert.notProperty(changes, "verdict")
      assert.deepStrictEqual(changes.parts, [])
      const stored = (yield* readRecord(folder))!
      assert.deepStrictEqual(stored.values.slice(0, -1), record.values)
      assert.deepStrictEqual(yield* rederive(folder, { metrics }), { status: "current" })
      // The plugin is gone, and the rules are others.
      yield* change(RECORD_FILE, older)
      assert.deepInclude(yield* rederive(folder), { status: "derived", why: "older rules" })
      assert.deepStrictEqual((yield* readRecord(folder))!.values, stored.values)
      assert.deepStrictEqual((yield* verify).findings, [])
    }),
  )

  it.effect("makes figures and verdict of other rules again, and says what changed", () =>
    Effect.gen(function* () {
      const { folder, record } = yield* recorded
      const [first, ...rest] = record.values
      const old = new RunRecord(
        Object.assign({}, record, {
          derivation: 0,
          values: [{ ...first!, result: { absent: "not known then" } }, ...rest],
          verdict: {
            status: "suspect",
            reasons: [{ code: "of-old", level: "suspect", detail: "Old.", advice: "None." }],
          },
        }),
      )
      const fs = yield* FileSystem.FileSystem
      yield* fs.writeFileString(join(folder, RECORD_FILE), yield* recordText(old))
      const made = yield* rederive(folder)
      const changes = "changes" in made ? made.changes! : assert.fail()
      assert.deepStrictEqual(
        changes.figures.map(({ before, metric }) => [metric, before]),
        [[first!.metric, { absent: "not known then" }]],
      )
      assert.deepStrictEqual(changes.verdict, { before: old.verdict, after: record.verdict })
      assert.deepStrictEqual(changes.parts, ["derivation"])
      assert.deepStrictEqual(yield* readRecord(folder), record)
    }),
  )

  it.effect("makes a record that was changed by hand again where it is named", () =>
    Effect.gen(function* () {
      const { change, folder, record } = yield* recorded
      yield* change(RECORD_FILE, (text) => text.replace(/"median": [\d.]+/, '"median": 0.125'))
      assert.deepStrictEqual(yield* rederive(folder), { status: "current" })
      assert.deepInclude(yield* rederive(folder, { named: true }), { status: "derived", why: "named" })
      assert.deepStrictEqual(yield* readRecord(folder), record)
    }),
  )

  it.effect("makes a record of finished samples that has none, or none that can be read", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const { change, folder, record } = yield* recorded
      yield* fs.remove(join(folder, RECORD_FILE))
      assert.deepInclude(yield* rederive(folder), { status: "derived", why: "no record" })
      assert.deepStrictEqual(yield* readRecord(folder), record)
      yield* change(RECORD_FILE, (text) => text.slice(0, 99))
      assert.deepInclude(yield* rederive(folder), { status: "derived", why: "unreadable" })
      assert.deepStrictEqual(yield* readRecord(folder), record)
      // Written by hand, and in vain: no status is of that name.
      yield* change(RECORD_FILE, (text) => text.replace(/"status": "[a-z]+"/, '"status": "splendid"'))
      assert.deepInclude(yield* rederive(folder), { status: "derived", why: "unreadable" })
      assert.deepStrictEqual(yield* readRecord(folder), record)
    }),
  )

  it.effect("leaves an interrupted run, a record without samples, and what a newer version made", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const { change, folder, text } = yield* recorded
      const newer = /^left: it was derived by a newer version of Rigbook; update this one$/
      for (const [field, number] of [
        ["derivation", 99],
        ["schema", 2],
      ] as const) {
        const before = yield* text
        yield* change(RECORD_FILE, (json) => json.replace(new RegExp(`"${field}": \\d+,`), `"${field}": ${number},`))
        const now = yield* text
        assert.match(reasonOf(yield* rederive(folder, { named: true })), newer)
        assert.strictEqual(yield* text, now)
        yield* change(RECORD_FILE, () => before)
      }
      yield* change(RECORD_FILE, older)
      yield* fs.rename(join(folder, JOURNAL_FILE), join(folder, "aside"))
      assert.strictEqual(reasonOf(yield* rederive(folder)), "left: there is no samples.ndjson to derive it from")
      yield* fs.rename(join(folder, "aside"), join(folder, JOURNAL_FILE))
      yield* fs.remove(join(folder, RECORD_FILE))
      yield* change(JOURNAL_FILE, (lines) => lines.replace(/.*"finished".*\n$/, '{"kind":"fin'))
      assert.strictEqual(reasonOf(yield* rederive(folder)), "left: it is unfinished; rigbook run resumes it")
      assert.isFalse(yield* fs.exists(join(folder, RECORD_FILE)))
    }),
  )

  it.effect("makes nothing of samples that are not those of the record, nor of lines that it can't read", () =>
    Effect.gen(function* () {
      const { change, folder, text } = yield* recorded
      yield* change(RECORD_FILE, older)
      const before = yield* text
      const fails = Effect.fnUntraced(function* (file: string, edit: (lines: string) => string, says: RegExp) {
        let lines = ""
        yield* change(file, (now) => edit((lines = now)))
        assert.match(reasonOf(yield* rederive(folder)), says)
        assert.strictEqual(yield* text, before, "it is as it was")
        yield* change(file, () => lines)
      })
      const other = (lines: string) => lines.replace(/"sentMs":[\d.]+/, '"sentMs":-1000')
      yield* fails(JOURNAL_FILE, other, /^failed: its samples have changed since it was derived/)
      yield* fails(JOURNAL_FILE, (lines) => `${lines}{"kind":"of-tomorrow"}\n`, /^failed: .*samples\.ndjson:\d+: /)
      yield* fails(TELEMETRY_FILE, (lines) => `${lines}\n`, /^failed: .*telemetry\.ndjson:\d+: /)
      yield* fails(TELEMETRY_FILE, () => "", /^failed: its telemetry readings have changed since it was derived/)
      // Nor are they made to pass for the record's own by spoiling the rest of it.
      yield* change(RECORD_FILE, (json) => json.replace(/"status": "[a-z]+"/, '"status": "splendid"'))
      yield* change(JOURNAL_FILE, other)
      assert.match(reasonOf(yield* rederive(folder)), /^failed: its samples have changed/)
    }),
  )

  it.effect("makes no record of a folder that was copied, or of trials that are there twice", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const { change, folder, record } = yield* recorded
      yield* fs.remove(join(folder, RECORD_FILE))
      yield* fs.copy(folder, `${folder}-copy`)
      assert.strictEqual(reasonOf(yield* rederive(`${folder}-copy`)), `failed: its samples belong to ${record.id}`)
      yield* change(JOURNAL_FILE, (text) => text.replace(/.*"phase":"measured".*\n/, (line) => line + line))
      assert.match(reasonOf(yield* rederive(folder)), /^failed: measured trial 0 is a duplicate/)
    }),
  )

  it.effect("leaves the record as it was where it can't be written", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const { change, folder, text } = yield* recorded
      yield* change(RECORD_FILE, older)
      const before = yield* text
      // As no right or full disk can be had for root.
      const full = {
        ...fs,
        rename: () => Effect.fail(systemError({ _tag: "Unknown", module: "test", method: "rename" })),
      }
      const refused = yield* Effect.provideService(rederive(folder), FileSystem.FileSystem, full)
      assert.match(reasonOf(refused), /^failed: it can't be written: /)
      assert.strictEqual(yield* text, before)
      yield* writeRecord(folder)
      assert.deepStrictEqual(yield* rederive(folder), { status: "current" })
    }),
  )
})
