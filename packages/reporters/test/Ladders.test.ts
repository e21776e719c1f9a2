import { assert, describe, it } from "@effect/vitest"
import { Scenario } from "@rigbook/core"
import { Schema } from "effect"
import { laddersOf } from "../src/Ladders.ts"
import { batchRun, languageRun } from "./fixtures.ts"

const scenario = Schema.decodeUnknownSync(Scenario)
const requested = (id: string, of: unknown) => languageRun({ id, cell: { scenario: scenario(of) } })
const context = (depth: number, outputTokens = 32) =>
  requested(`context-${depth}`, { kind: "context", depth, outputTokens })
const streams = (count: number, prompts = "short-chat") =>
  requested(`streams-${count}`, { kind: "concurrency", prompts, streams: count })

describe("laddersOf", () => {
  it("joins runs that differ in the depth of their context, their streams or their rate alone, smallest first", () => {
    const rate = (perSecond: number) =>
      requested(`rate-${perSecond}`, { kind: "open-loop", prompts: "short-chat", rate: perSecond })
    const runs = [context(4096), context(512), streams(8), streams(1), rate(2), rate(0.5)]
    assert.deepStrictEqual(
      laddersOf(runs).map(({ raised, steps }) => [raised.by, steps.map(({ size }) => size)]),
      [
        ["context", [512, 4096]],
        ["concurrency", [1, 8]],
        ["rate", [0.5, 2]],
      ],
    )
    assert.include(laddersOf(runs)[0]!.name, "Tiny Llama 1B, llamacpp on single: GPU 0 NVIDIA RTX 5090, context-…-1x32")
  })

  it("joins rungs that each opened their engine with as much context as they need, and no other setting", () => {
    const rung = (depth: number, options: object) =>
      languageRun({
        id: `own-${depth}-${JSON.stringify(options)}`,
        cell: { scenario: scenario({ kind: "context", depth, outputTokens: 16 }), options: options as never },
      })
    // 1.1 times the tokens and 256 for a template, in steps of 1024.
    const own = [rung(700, { contextLength: 2048 }), rung(100, { contextLength: 1024 })]
    assert.deepStrictEqual(
      laddersOf(own).map(({ steps }) => steps.map(({ size }) => size)),
      [[100, 700]],
    )
    // Two that need the same stand beside the third.
    assert.deepStrictEqual(
      laddersOf([...own, rung(200, { contextLength: 1024 })]).map(({ steps }) => steps.map(({ size }) => size)),
      [[100, 200, 700]],
    )
    assert.deepStrictEqual(laddersOf([own[0]!, rung(100, { contextLength: 1024, threads: 2 })]), [])
    assert.deepStrictEqual(laddersOf([rung(700, { contextLength: 8192 }), rung(100, { contextLength: 4096 })]), [])
    const shared = [rung(700, { contextLength: 2048 }), rung(100, { contextLength: 2048 })]
    assert.lengthOf(laddersOf(shared), 1)
  })

  it("names the prompts of a batch, those of a file too", () => {
    const prompts = { name: "ours.jsonl", sha256: "c".repeat(64), count: 4, license: "CC0-1.0" }
    const batch = (batchSize: number) =>
      batchRun(64, batchSize, 10 * batchSize, {
        cell: {
          prompts,
          scenario: scenario({ kind: "batch", prompts: { file: "ours.jsonl" }, documents: 64, batchSize }),
        },
      })
    const [ladder] = laddersOf([batch(1), batch(8)])
    assert.strictEqual(ladder?.name, "MiniLM L12 v2, sentence-transformers on cpu, ours.jsonl, 64 documents a call")
  })

  it("leaves apart what differs in more, and a run alone", () => {
    assert.deepStrictEqual(laddersOf([context(512), context(1024, 64)]), [])
    assert.deepStrictEqual(laddersOf([streams(1), streams(2, "plain-text")]), [])
    assert.deepStrictEqual(laddersOf([streams(1), languageRun()]), [])
  })

  it("has batches by their forward passes and by their calls", () => {
    const ladders = laddersOf([batchRun(512, 8, 100), batchRun(512, 32, 200), batchRun(100, 32, 150)])
    assert.deepStrictEqual(
      ladders.map(({ raised, steps }) => [raised.by, steps.map(({ size }) => size)]),
      [
        ["batch", [8, 32]],
        ["batch", [100, 512]],
      ],
    )
  })
})
