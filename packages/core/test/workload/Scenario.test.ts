import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import {
  isLoad,
  promptsOf,
  rungsOf,
  Scenario,
  ScenarioLadder,
  scenarioName,
  scenarioTask,
} from "../../src/workload/Scenario.ts"

const ladder = Schema.decodeUnknownSync(ScenarioLadder)
const LADDERS = [
  { kind: "latency", prompts: "short-chat" },
  { kind: "batch", prompts: "documents-en", documents: 64, batchSize: [1, 32] },
  { kind: "concurrency", prompts: "short-chat", streams: [1, 8] },
  { kind: "open-loop", prompts: { tokens: 256 }, rate: [0.5, 2], requests: 10, outputTokens: 16 },
  { kind: "context", depth: [512, 8192] },
  {
    kind: "soak",
    prompts: { tokens: { distribution: "uniform", min: 1, max: 9 } },
    streams: 4,
    seconds: 60,
    outputTokens: { distribution: "normal", mean: 64, sd: 8 },
  },
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
      "context-512-1x32",
      "context-8192-1x32",
      "soak-4-uniform-1-9-tokens-60sxnormal-64-8",
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
    ])
    assert.deepStrictEqual(LADDERS.map(promptsOf), [
      "short-chat",
      "documents-en",
      "short-chat",
      undefined,
      undefined,
      undefined,
    ])
    assert.deepStrictEqual(
      [...new Set(RUNGS.filter(isLoad).map(({ kind }) => kind))],
      ["concurrency", "open-loop", "soak"],
    )
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
      "what was asked for is tried",
    )
  })
})
