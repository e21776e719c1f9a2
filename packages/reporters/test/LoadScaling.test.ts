import { assert, describe, it } from "@effect/vitest"
import { reason, type RunRecord, type Scenario, verdictOf } from "@rigbook/core"
import { lastThatPays } from "../src/LastThatPays.ts"
import { batchScaling } from "../src/BatchScaling.ts"
import { loadScaling } from "../src/LoadScaling.ts"
import { loadSection } from "../src/markdown/loads.ts"
import { batchRun, embeddingRun, languageRun, value } from "./fixtures.ts"

const SHAPE = { prompts: "short-chat", outputTokens: 64, cache: "fresh", seed: 1 } as const

/** A run with this output, and this share of good requests. */
const loadRun = (scenario: Scenario, outputTps: number, good?: number, verdict = verdictOf([])): RunRecord =>
  languageRun({
    verdict,
    id: JSON.stringify(Object.values(scenario)),
    cell: { scenario },
    values: [
      value(
        "output_tps",
        "Output throughput",
        "tokens/s",
        Array.from({ length: 6 }, () => outputTps),
        "higher",
      ),
      ...(good === undefined
        ? []
        : [
            value(
              "good_share",
              "Share of good requests",
              "%",
              Array.from({ length: 6 }, () => good),
              "higher",
            ),
          ]),
    ],
  })
const streams = (count: number, outputTps: number, good?: number) =>
  loadRun({ kind: "concurrency", ...SHAPE, streams: count }, outputTps, good)
const rate = (perSecond: number, outputTps: number) =>
  loadRun({ kind: "open-loop", ...SHAPE, arrivals: "poisson", requests: 9, rate: perSecond }, outputTps)

describe("loadScaling", () => {
  it("puts runs that differ in their load alone in order, and says where they saturate", () => {
    const [group, none] = loadScaling([streams(8, 410), streams(1, 100), streams(2, 195), streams(4, 400)])
    assert.isUndefined(none)
    assert.strictEqual(group!.by, "streams")
    assert.deepStrictEqual(
      group!.points.map(({ load }) => load),
      [1, 2, 4, 8],
    )
    assert.deepInclude(group!.saturation, { knee: 4 })
    assert.deepStrictEqual(
      loadScaling([rate(0.5, 30), rate(2, 90)]).map(({ by, saturation }) => [by, saturation]),
      [["requests/s", {}]],
    )
  })

  it("skips a run that is invalid, and makes nothing of one run or of unlike ones", () => {
    const verdict = verdictOf([reason("errors", "4 of 8 requests failed")])
    const spoilt = loadRun({ kind: "concurrency", ...SHAPE, streams: 2 }, 9000, undefined, verdict)
    const [group] = loadScaling([streams(1, 100), spoilt, streams(4, 101)])
    assert.deepInclude(group!.saturation, { knee: 1 })
    assert.deepStrictEqual(loadScaling([streams(1, 100), rate(1, 100)]), [])
    assert.deepStrictEqual(loadScaling([embeddingRun(), batchRun(100, 64, 5), languageRun(), streams(1, 1)]), [])
    const longer = loadRun({ kind: "concurrency", ...SHAPE, outputTokens: 65, streams: 2 }, 200)
    assert.deepStrictEqual(loadScaling([streams(1, 100), longer]), [])
  })

  it("is a table with its sentence", () => {
    const text = loadSection(loadScaling([streams(1, 100, 100), streams(4, 390, 99.5), streams(8, 400, 60)]))
    assert.include(text, "### Load scaling")
    assert.include(text, "Saturated at **4 streams**. The largest load that meets the objectives: **4 streams**.")
    assert.match(text, /\| streams \| output tokens\/s \| TTFT \(ms\) \| per token \(ms\) \| good requests \(%\) \|/)
    assert.match(text, /\| 8 \| 400\.0 \| – \| – \| 60\.00 \| valid \| \[record\]/)
    const late = loadSection(loadScaling([streams(1, 100, 50), streams(2, 200, 40)]))
    assert.include(late, "Not saturated up to 2 streams. No load meets the objectives.")
    assert.strictEqual(loadSection([]), "")
  })
})

describe("lastThatPays", () => {
  it("is the batch before the first that gains too little", () => {
    const last = (...records: ReadonlyArray<RunRecord>) => lastThatPays(batchScaling(records)[0]!)?.scenario.batchSize
    assert.strictEqual(last(batchRun(512, 1, 100), batchRun(512, 8, 600), batchRun(512, 32, 620)), 8)
    assert.isUndefined(last(batchRun(512, 1, 100), batchRun(512, 8, 600)))
    const spoilt = batchRun(512, 8, 1, { verdict: verdictOf([reason("errors", "one failed")]) })
    assert.strictEqual(last(batchRun(512, 1, 100), spoilt, batchRun(512, 32, 104)), 1)
  })
})
