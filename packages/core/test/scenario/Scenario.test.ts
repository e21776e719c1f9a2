import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import {
  isLoad,
  kindOf,
  KINDS,
  loadOf,
  promptsOf,
  raisedOf,
  rampOf,
  rungsOf,
  Scenario,
  ScenarioLadder,
  scenarioName,
  scenarioTask,
} from "../../src/scenario/Scenario.ts"

const ladder = Schema.decodeUnknownSync(ScenarioLadder)
const LADDERS = [
  { kind: "latency", prompts: "short-chat" },
  { kind: "batch", prompts: "documents-en", documents: 64, batchSize: [1, 32] },
  { kind: "concurrency", prompts: "short-chat", streams: [1, 8] },
  { kind: "open-loop", prompts: { tokens: 256 }, rate: [0.5, 2], requests: 10, outputTokens: 16 },
  { kind: "trace", file: "traces/azure.csv", speed: 2 },
  { kind: "context", depth: [512, 8192] },
  {
    kind: "soak",
    prompts: { tokens: { distribution: "uniform", min: 1, max: 9 } },
    streams: 4,
    seconds: 60,
    outputTokens: { distribution: "normal", mean: 64, sd: 8 },
  },
  { kind: "quality", measure: "sts", dataset: "pairs" },
  { kind: "quality", measure: "kld", prompts: "plain-text", reference: { path: "f16.gguf" } },
  { kind: "multi-turn", prompts: "short-chat", turns: 6 },
].map((value) => ladder(value))
const RUNGS = LADDERS.flatMap((one) => rungsOf(one))

describe("scenarios", () => {
  it("are one for each number of a ladder, and have short names", () => {
    assert.deepStrictEqual(RUNGS.map(scenarioName), [
      "latency-short-chat-2x128",
      "batch-documents-en-64x1",
      "batch-documents-en-64x32",
      "concurrency-1-short-chat-4x128",
      "concurrency-8-short-chat-32x128",
      "open-loop-poisson-0.5-256-tokens-10x16",
      "open-loop-poisson-2-256-tokens-10x16",
      "trace-azure-100-at-2",
      "context-512-1x32",
      "context-8192-1x32",
      "soak-4-uniform-1-9-tokens-60sxnormal-64-8",
      "quality-sts-pairs",
      "quality-kld-plain-text-8x512",
      "multi-turn-short-chat-6x128",
    ])
  })

  it("are kept and read as they are", () => {
    for (const rung of RUNGS) assert.deepStrictEqual(Schema.decodeUnknownSync(Scenario)(rung), rung)
  })

  it("have a task, a set of prompts or none, and are a load or not", () => {
    assert.deepStrictEqual(LADDERS.map(scenarioTask), [
      "generate",
      "embed",
      "generate",
      "generate",
      "generate",
      "generate",
      "generate",
      "embed",
      "generate",
      "generate",
    ])
    assert.deepStrictEqual(LADDERS.map(promptsOf), [
      "short-chat",
      "documents-en",
      "short-chat",
      undefined,
      { trace: "traces/azure.csv" },
      undefined,
      undefined,
      { dataset: "pairs", measure: "sts" },
      "plain-text",
      "short-chat",
    ])
    assert.deepStrictEqual(
      [...new Set(RUNGS.filter(isLoad).map(({ kind }) => kind))],
      ["concurrency", "open-loop", "trace", "soak"],
    )
  })

  it("are of the kind that they say", () => {
    for (const rung of RUNGS) assert.match(scenarioName(rung), new RegExp(`^${rung.kind}-`))
    assert.sameMembers(Object.keys(KINDS), [...new Set(RUNGS.map(({ kind }) => kind))])
  })

  it("have the number that their ladder raises, which no other kind calls the same", () => {
    assert.deepStrictEqual(RUNGS.map(raisedOf), [
      undefined,
      1,
      32,
      1,
      8,
      0.5,
      2,
      undefined,
      512,
      8192,
      undefined,
      undefined,
      undefined,
      undefined,
    ])
    const names = Object.values(KINDS).flatMap(({ raised }) => (raised === undefined ? [] : [raised.by, raised.head]))
    assert.lengthOf(new Set(names), names.length)
  })

  it("say why a trace gives them nothing to send", () => {
    const requests = [{ atMs: 0, inputTokens: 100, outputTokens: 10 }]
    const unfit = (longest?: number) => {
      const trace = ladder({ kind: "trace", file: "azure.csv", ...(longest === undefined ? {} : { longest }) })
      return kindOf(trace).unfit?.(trace, {
        name: "azure.csv",
        license: "MIT",
        sha256: "0",
        prompts: [],
        trace: requests,
      })
    }
    assert.isUndefined(unfit())
    assert.isUndefined(unfit(110))
    assert.deepStrictEqual(unfit(109), {
      field: "longest",
      detail: "no request of azure.csv has 109 tokens or less",
    })
  })

  it("may not generate more text than a machine can hold, at their largest rung", () => {
    const unfit = (of: object) => {
      const one = ladder(of)
      return kindOf(one).unfit?.(one, { name: "none", license: "MIT", sha256: "0", prompts: [] })
    }
    const tokens = 16_000_000
    const [uniform, normal] = [
      { distribution: "uniform", min: 1, max: tokens },
      { distribution: "normal", mean: tokens, sd: 1 },
    ]
    for (const large of [
      { kind: "context", depth: [512, tokens], requests: 17 },
      { kind: "context", requests: 1_000_000 },
      { kind: "concurrency", prompts: { tokens: 8000 }, streams: [1, 10_000] },
      { kind: "concurrency", prompts: { tokens: 9000 }, streams: { from: 1, to: 8192 } },
      { kind: "open-loop", prompts: { tokens: uniform }, rate: 1 },
      { kind: "open-loop", prompts: { tokens: normal }, rate: 1 },
    ])
      assert.deepInclude(unfit(large), { field: "requests" }, JSON.stringify(large))
    for (const usual of [
      { kind: "context", depth: [512, tokens] },
      { kind: "context" },
      { kind: "concurrency", prompts: "p", streams: 1_000_000 },
      { kind: "concurrency", prompts: { tokens: 8000 }, streams: [1, 1000] },
      { kind: "open-loop", prompts: { tokens: { ...normal, max: 100 } }, rate: 1 },
    ])
      assert.isUndefined(unfit(usual), JSON.stringify(usual))
  })

  it("are the rungs of a ramp up to its end, the same that a list has", () => {
    const ramp = (of: object) => ladder({ kind: "concurrency", prompts: "p", streams: of })
    const loads = (of: object) => rungsOf(ramp(of)).map((rung) => loadOf(rung))
    assert.deepStrictEqual(loads({ from: 1, to: 16 }), [1, 2, 4, 8, 16])
    assert.deepStrictEqual(loads({ from: 3, to: 20 }), [3, 6, 12, 20])
    assert.deepStrictEqual(loads({ from: 1, to: 5, times: 1.2 }), [1, 2, 3, 4, 5])
    assert.deepStrictEqual(rungsOf(ramp({ from: 2, to: 4 })), rungsOf(ramp([2, 4])))
    const rates = ladder({ kind: "open-loop", prompts: "p", rate: { from: 0.1, to: 1, times: 1.5 } })
    assert.deepStrictEqual(rungsOf(rates).map(loadOf), [0.1, 0.15, 0.225, 0.3375, 0.5063, 0.7594, 1])
    const batches = ladder({ kind: "batch", prompts: "p", documents: 64, batchSize: { from: 1, to: 4 } })
    assert.deepStrictEqual(rungsOf(batches).map(loadOf), [1, 2, 4])
    assert.deepStrictEqual(rampOf(batches), { from: 1, to: 4, times: 2, gain: 0.05, good: 0.99 })
    assert.isUndefined(rampOf(ramp([2, 4])))
  })

  it("have a short name for a file, and take none from outside of the workspace", () => {
    const file = (path: string) => ({ kind: "latency", prompts: { file: path } })
    assert.strictEqual(scenarioName(rungsOf(ladder(file("mine/asked.v2.jsonl")))[0]!), "latency-asked.v2-2x128")
    for (const path of ["/etc/passwd", "../x", "a/../../x", "C:\\x", "a\\..\\x", ""])
      assert.throws(() => ladder(file(path)))
  })

  it("go as deep as the model's context lets them, when no depth is named", () => {
    const depths = (contextLength?: number) =>
      rungsOf(ladder({ kind: "context", outputTokens: 32 }), contextLength).map(scenarioName)
    assert.strictEqual(depths().at(-1), "context-32768-1x32")
    assert.strictEqual(depths().length, 7)
    assert.deepStrictEqual(depths(2048), ["context-512-1x32", "context-1024-1x32"])
    assert.strictEqual(depths(2048 + 32).length, 3)
    assert.deepStrictEqual(
      rungsOf(ladder({ kind: "context", depth: 9999 }), 512).map(scenarioName),
      ["context-9999-1x32"],
      "what was requested is tried",
    )
  })
})
