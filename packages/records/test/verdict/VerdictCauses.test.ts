import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import {
  type Answers,
  CPU,
  Device,
  DeviceId,
  Effective,
  type EngineIdentity,
  Placement,
  REASONS,
  type ReportedFields,
  RunRecord,
} from "@rigbook/core"
import { Effect, FileSystem } from "effect"
import { join } from "node:path"
import type { ReasonCode } from "../../../core/src/record/Verdict.ts"
import { equivalencesOf, judgedTogether } from "../../../registry/src/registry/Equivalence.ts"
import { fakeModel } from "../../../testkit/src/FakeBackend.ts"
import { protocol, scenario } from "../../../testkit/src/FakeCell.ts"
import { chunkSample } from "../../../testkit/src/FakeSamples.ts"
import { fakeHost, gpuId } from "../../../testkit/src/FakeHosts.ts"
import { JOURNAL_FILE } from "../../src/journal/Journal.ts"
import { RECORD_FILE } from "../../src/store/RecordStore.ts"
import {
  alike,
  ANSWERS,
  FIRST_MS,
  numberOf,
  ONE,
  QUERIES,
  scriptedRun,
  rightly,
  type Script,
  unlike,
} from "./scriptedRun.ts"

const codes = ({ verdict }: RunRecord): ReadonlyArray<string> => verdict.reasons.map(({ code }) => code)

const onGpu: Script["change"] = {
  host: fakeHost([2 ** 35]),
  placement: new Placement({ strategy: "single", devices: [gpuId(0)] }),
}
/** Readings before the engine is started: how warm and busy it is, whether it has come to rest, and the telemetry's first. */
const BEFORE = 5
const OURS = { pid: process.pid, bytes: 2 ** 30 }
/** A GPU that nobody uses before the engine, and then the engine alone. */
const quietGpu =
  (values: ReportedFields = {}) =>
  (n: number): ReportedFields =>
    n < BEFORE
      ? { usedBytes: { value: 2 ** 20 }, processes: { value: [] } }
      : { usedBytes: { value: 2 ** 30 }, processes: { value: [OURS] }, ...values }
const there = new Device({ id: DeviceId.make("rpc:there"), kind: "remote", name: "there" })
const EMBED: Script["change"] = {
  task: "embed",
  scenario: scenario({ kind: "batch", prompts: "p", documents: 8, batchSize: 4 }),
}
const QUALITY: Script = {
  change: {
    task: "embed",
    scenario: scenario({ kind: "quality", measure: "retrieval", dataset: "d" }),
    protocol: protocol({ warmup: 0, trials: 2 }),
  },
  queries: QUERIES,
  vector: alike,
}
const REPLIED: Script = {
  change: {
    scenario: scenario({ kind: "quality", measure: "tasks", dataset: "d" }),
    protocol: protocol({ warmup: 0, trials: 2 }),
  },
  reply: rightly,
}
const DIVERGED: Script = {
  change: {
    scenario: scenario({ kind: "quality", measure: "kld", prompts: "p", reference: { path: "f16.gguf" } }),
    protocol: protocol({ warmup: 0, trials: 1 }),
    reference: { sha256: "f".repeat(64), quantization: "F16", bitsPerWeight: 16 },
  },
  divergence: { ...chunkSample(0.1), nullTest: 0 },
}
const requested = (settings: Effective["settings"]) => ({ placement: { requested: () => settings } })
const identity = (version: string, pid: string): EngineIdentity => ({ program: { version }, process: { pid } })
const DETAIL = { detail: "Too large.", fix: "Take a smaller one." }

/** All but the one that takes two records, and is derived where they meet. */
type Own = Exclude<ReasonCode, "engines-disagree">

/** A cause for every reason, and the reasons that it gives. A reason without a cause here is a failing test. */
const CAUSES: Record<Own, readonly [Script | "cut", ...ReadonlyArray<ReasonCode>]> = {
  failed: [{ options: { openFails: { _tag: "OutOfMemory", ...DETAIL } } }, "failed"],
  errors: [{ options: { crashAt: 6 + ANSWERS } }, "failed", "errors"],
  "engine-changed": [{ identities: [identity("1.0", "7"), identity("2.0", "7")] }, "engine-changed"],
  "engine-unverified": [
    { identities: [identity("1.0", "7"), { program: {}, process: {}, absent: "no answer" }] },
    "engine-unverified",
  ],
  // The config says cpu and so does the engine, but the driver sees it on the GPU.
  "device-mismatch": [{ change: { host: fakeHost([2 ** 35]) }, gpu: quietGpu() }, "device-mismatch"],
  "placement-mismatch": [
    { backend: { placement: { layout: () => [{ device: "cpu", kind: "model", bytes: 4000 }] } } },
    "placement-mismatch",
  ],
  // The driver answers, and says nothing that would be otherwise with the model elsewhere.
  "placement-unverified": [
    { change: onGpu, gpu: () => ({ usedBytes: { value: 2 ** 20 }, processes: { value: [] } }) },
    "placement-unverified",
  ],
  "memory-unknown": [
    {
      change: {
        host: fakeHost().with([there]),
        placement: new Placement({ strategy: "single", devices: [there.id] }),
      },
    },
    "placement-unverified",
    "memory-unknown",
  ],
  "device-unverified": [{ options: { effectiveDevices: [] } }, "device-unverified"],
  "config-drift": [{ options: { context: 4096, effectiveContext: 2048 } }, "config-drift"],
  "config-unverified": [{ backend: requested({ unheardOf: true }) }, "config-unverified"],
  "cache-warm": [{ options: { cachedTokens: 90 } }, "cache-warm"],
  "cache-used": [
    {
      options: { cachedTokens: 90 },
      change: { scenario: scenario({ kind: "latency", prompts: "p", outputTokens: 4, cache: "repeated" }) },
    },
    "cache-used",
  ],
  truncated: [{ change: EMBED, usage: { truncated: { documents: 1, tokens: 5 } } }, "truncated"],
  "truncated-as-set": [
    { change: EMBED, usage: { truncated: { documents: 1, tokens: 5 } }, backend: requested({ maxLength: 16 }) },
    "config-unverified",
    "truncated-as-set",
  ],
  "truncation-unknown": [
    { change: EMBED, usage: { truncated: { unknown: "the server does not count tokens" } } },
    "truncation-unknown",
  ],
  "weights-missing": [{ loading: { missing: ONE } }, "weights-missing"],
  "weights-unused": [{ loading: { unexpected: ONE } }, "weights-unused"],
  "not-an-embedder": [{ loading: { architecture: "BertForSequenceClassification" } }, "not-an-embedder"],
  "pooling-assumed": [{ loading: { pooling: { mode: "mean", assumed: true } } }, "pooling-assumed"],
  "tokenizer-missing": [
    { change: { model: fakeModel({ vocabulary: 30_522 }) }, loading: { vocabulary: 5 } },
    "tokenizer-missing",
  ],
  "unknown-tokens": [{ change: EMBED, usage: { inputTokens: 100, unknownTokens: 60 } }, "unknown-tokens"],
  "texts-repeated": [
    {
      change: {
        task: "embed",
        scenario: scenario({ kind: "batch", prompts: "p", documents: 8, batchSize: 4 }),
        placement: new Placement({ strategy: "attached", devices: [CPU] }),
      },
    },
    "texts-repeated",
  ],
  "vector-mismatch": [
    {
      change: {
        task: "embed",
        scenario: scenario({ kind: "batch", prompts: "p", documents: 8, batchSize: 4 }),
        model: fakeModel({ hiddenSize: 16 }),
      },
    },
    "vector-mismatch",
  ],
  "not-warm": [
    // The sixth request belongs to the third warm-up.
    {
      change: { protocol: protocol({ warmup: { max: 3, within: 0.01 }, trials: 5 }) },
      firstMs: (trial) => (trial === 1 ? 150 : FIRST_MS),
    },
    "not-warm",
  ],
  "wide-interval": [
    {
      change: { protocol: protocol({ warmup: 1, trials: { min: 6, max: 6, within: 0.001 } }) },
      firstMs: (trial) => [100, 100, 102, 101, 103, 100, 102][trial]!,
    },
    "wide-interval",
  ],
  outliers: [{ firstMs: (trial) => [100, 100, 101, 110, 100, 101][trial]! }, "outliers"],
  retried: [
    {
      options: { refuseEach: 5 },
      change: {
        scenario: scenario({ kind: "soak", prompts: "p", streams: 1, seconds: 0.5, outputTokens: 4, retry: {} }),
      },
    },
    "retried",
  ],
  "short-output": [{ options: { atMost: 3 } }, "short-output"],
  "long-output": [{ writes: (tokens) => 2 * tokens }, "long-output"],
  "tokens-unaccounted": [{ writes: () => 2, usage: { outputTokens: 4 } }, "tokens-unaccounted"],
  "usage-contradicts": [
    { change: { model: fakeModel({ contextLength: 8 }) }, usage: { inputTokens: 1e15 } },
    "usage-contradicts",
  ],
  "several-per-chunk": [{ options: { perChunk: 2 } }, "several-per-chunk"],
  "too-few-trials": [{ change: { protocol: protocol({ warmup: 1, trials: 4 }) } }, "too-few-trials"],
  noisy: [{ firstMs: (trial) => [100, 100, 150, 90, 160, 120][trial]! }, "noisy"],
  drifting: [{ firstMs: (trial) => 100 + 3 * trial }, "drifting"],
  "busy-host": [{ others: 0.5 }, "busy-host", "busy-host"],
  "clock-disagrees": [{ engineClock: 0.9 }, "clock-disagrees"],
  "client-bound": [{ loop: 0.95 }, "client-bound"],
  "memory-unobserved": [{ pids: [] }, "memory-unobserved"],
  throttled: [{ change: onGpu, gpu: quietGpu({ limits: { value: ["hw-thermal"] } }) }, "throttled"],
  "power-capped": [{ change: onGpu, gpu: quietGpu({ limits: { value: ["power-cap"] } }) }, "power-capped"],
  "foreign-process": [
    { change: onGpu, gpu: quietGpu({ processes: { value: [OURS, { pid: process.ppid, bytes: 5 }] } }) },
    "foreign-process",
  ],
  "not-a-number": [
    { ...QUALITY, vector: (text) => (text === "query 0" ? alike(text).map(() => 0) : alike(text)) },
    "not-a-number",
  ],
  "not-repeatable": [
    { ...QUALITY, vector: (text, trial) => (trial === 1 && numberOf(text) < 4 ? unlike(text) : alike(text)) },
    "not-repeatable",
  ],
  "null-test-failed": [{ ...DIVERGED, divergence: { ...chunkSample(0.1), nullTest: 0.001 } }, "null-test-failed"],
  "reference-quantized": [
    {
      ...DIVERGED,
      change: { ...DIVERGED.change, reference: { sha256: "f".repeat(64), quantization: "Q8_0", bitsPerWeight: 8.5 } },
    },
    "reference-quantized",
  ],
  "few-queries": [{ ...QUALITY, queries: 30 }, "few-queries"],
  "wide-bootstrap": [
    { ...QUALITY, vector: (text) => (numberOf(text) % 3 === 0 ? alike(text) : unlike(text)) },
    "wide-bootstrap",
  ],
  "at-chance": [{ ...QUALITY, vector: unlike }, "at-chance"],
  "quality-of-cut-texts": [{ ...QUALITY, usage: { truncated: { documents: 1, tokens: 3 } } }, "quality-of-cut-texts"],
  "replies-cut": [
    { ...REPLIED, reply: (n) => (n % 10 === 0 ? { text: "Well, let us think", finish: "length" } : rightly(n)) },
    "replies-cut",
  ],
  "synthetic-weights": [{ change: { model: fakeModel({ synthetic: { layers: 2 } }) } }, "synthetic-weights"],
  "engine-restarted": ["cut", "engine-restarted"],
}

/** A run that was interrupted after two trials, and resumed. */
const continued = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const { again, folder, record: whole } = yield* scriptedRun({})
  const path = join(folder(whole.id), JOURNAL_FILE)
  const lines = (yield* fs.readFileString(path)).split("\n")
  yield* fs.writeFileString(path, `${lines.slice(0, 6).join("\n")}\n{"kind":"sam`)
  yield* fs.remove(join(folder(whole.id), RECORD_FILE))
  return yield* again
})

layer(NodeServices.layer, { excludeTestServices: true })("a run", (it) => {
  it.effect("that nothing speaks against is valid, on the processor and on a GPU", () =>
    Effect.gen(function* () {
      const { record: onCpu } = yield* scriptedRun({})
      assert.deepStrictEqual([onCpu.verdict.status, codes(onCpu)], ["valid", []])
      assert.strictEqual(onCpu.observed.placement?.state, "verified")
      const { record: there } = yield* scriptedRun({ change: onGpu, gpu: quietGpu() })
      assert.deepStrictEqual([there.verdict.status, codes(there)], ["valid", []])
      assert.strictEqual(there.observed.placement?.state, "verified")
      assert.deepInclude(there.observed.devices?.[0], { engine: "here", processBytes: { value: 2 ** 30 } })
    }),
  )

  it.effect("that is compared with a full reference, and passes its null test, is valid", () =>
    Effect.gen(function* () {
      const { record: found } = yield* scriptedRun(DIVERGED)
      assert.deepStrictEqual([found.verdict.status, codes(found)], ["valid", []])
      assert.strictEqual(found.scored?.measure, "kld")
    }),
  )

  it.effect("of quality that nothing speaks against is valid, on a machine that others keep busy", () =>
    Effect.gen(function* () {
      const { record: found } = yield* scriptedRun({ ...QUALITY, others: 0.9 })
      assert.deepStrictEqual([found.verdict.status, codes(found)], ["valid", []])
      assert.deepStrictEqual(
        found.values.map(({ metric }) => metric),
        ["ndcg_10", "recall_10", "load_s", "memory_peak"],
      )
      assert.strictEqual(found.scored?.measure, "retrieval")
    }),
  )

  it.effect("of replies is valid whatever was cached, and however tokens arrive: no figure is a time", () =>
    Effect.gen(function* () {
      const usage = { cachedTokens: 50, countsChunks: true, outputTokens: 40 }
      const { record: found } = yield* scriptedRun({ ...REPLIED, options: { perChunk: 8 }, usage, others: 0.9 })
      assert.deepStrictEqual([found.verdict.status, codes(found)], ["valid", []])
      assert.deepStrictEqual(
        found.values.map(({ metric }) => metric),
        ["accuracy", "answered", "load_s", "memory_peak"],
      )
    }),
  )

  it.effect("of an embedding model that was put on the processor and computes on a GPU gives no valid figure", () =>
    Effect.gen(function* () {
      const batch = { kind: "batch", prompts: "fake-prompts", documents: 4, batchSize: 2 } as const
      const change = { task: "embed", scenario: batch, host: fakeHost([2 ** 35]) } as const
      // The engine tells it itself; and one that keeps it to itself is listed by the driver.
      const own = yield* scriptedRun({ change, options: { effectiveDevices: [gpuId(0)] } })
      const driver = yield* scriptedRun({ change, gpu: quietGpu() })
      for (const { record: found } of [own, driver]) {
        assert.deepStrictEqual([found.verdict.status, codes(found)], ["invalid", ["device-mismatch"]])
        assert.strictEqual(found.observed.placement?.state, "contradicted")
      }
      assert.include(driver.record.verdict.reasons[0]!.detail, "the engine's processes are on GPU-fake-0")
    }),
  )

  it("has a cause here for every reason of the table", () => {
    assert.sameMembers([...Object.keys(CAUSES), "engines-disagree"], Object.keys(REASONS))
  })

  it.effect(`is ${REASONS["engines-disagree"].level} by engines-disagree, beside another engine's answers alone`, () =>
    Effect.gen(function* () {
      const { record: one } = yield* scriptedRun({})
      const answers = (first: string, ...rest: ReadonlyArray<string>): Answers => ({
        texts: [{ text: first }, ...rest.map((text) => ({ text }))],
        outputTokens: 32,
      })
      const of = (id: string, backend: string, said: Answers): RunRecord =>
        // oxlint-disable-next-line typescript/no-misused-spread -- its fields make another one.
        new RunRecord({ ...one, id, cell: { ...one.cell, backend }, answers: said })
      const sane = answers("The sky is blue.", "One, two, three, four", "Dear Ruth,")
      const judged = (other: Answers) => {
        const both = [of("a", "fake", sane), of("b", "another", other)]
        return judgedTogether(both, equivalencesOf(both))
      }
      for (const { verdict } of judged(answers("\n\n018.com/2018", "(x, y) == 1.", "A:")))
        assert.deepStrictEqual(
          [verdict.status, verdict.reasons.map(({ code }) => code)],
          ["suspect", ["engines-disagree"]],
        )
      for (const { verdict } of judged(sane)) assert.deepStrictEqual([verdict.status, verdict.reasons], ["valid", []])
    }),
  )

  for (const code of Object.keys(CAUSES) as ReadonlyArray<Own>)
    it.effect(`is ${REASONS[code].level === "note" ? "valid with a note" : REASONS[code].level} by ${code}`, () =>
      Effect.gen(function* () {
        const [script, ...expected] = CAUSES[code]
        const found = script === "cut" ? yield* continued : (yield* scriptedRun(script)).record
        assert.deepStrictEqual(codes(found), expected)
        assert.include(expected, code)
        const levels = new Set(expected.map((each) => REASONS[each].level))
        const status = levels.has("invalid") ? "invalid" : levels.has("suspect") ? "suspect" : "valid"
        assert.strictEqual(found.verdict.status, status)
        for (const { advice, detail } of found.verdict.reasons) assert.isTrue(detail !== "" && advice !== "")
      }),
    )
})
