import { assert, describe, it } from "@effect/vitest"
import { requestSample, trialSample } from "../../../testkit/src/FakeSamples.ts"
import { METRICS, metricsFor } from "../../src/metrics/Metrics.ts"
import { cachedShareLaterTurns, ttftFirstTurn, ttftLaterTurns, turnsOf } from "../../src/metrics/Turns.ts"

/** A turn whose first token came after so many milliseconds, and a token each 10 ms after that. */
const turn = (number: number, ttft: number, tokens: { readonly inputTokens: number; readonly cachedTokens?: number }) =>
  requestSample({ turn: number, chunkMs: [0, 1, 2, 3].map((at) => 10 + ttft + 10 * at), endMs: 60 + ttft, ...tokens })

const FRESH = turn(0, 100, { inputTokens: 50, cachedTokens: 0 })
const conversation = trialSample({
  requests: [
    FRESH,
    turn(1, 30, { inputTokens: 100, cachedTokens: 80 }),
    turn(2, 40, { inputTokens: 200, cachedTokens: 190 }),
  ],
})

describe("figures of a conversation", () => {
  it("keep the first turn and the later ones apart", () => {
    assert.deepStrictEqual(ttftFirstTurn.measure(conversation), { value: 100 })
    assert.deepStrictEqual(ttftLaterTurns.measure(conversation), { value: 35 })
    assert.deepStrictEqual(cachedShareLaterTurns.measure(conversation), { value: 90 })
  })

  it("are absent, and not zero, for what was not reported or did not succeed", () => {
    const silent = trialSample({ requests: [FRESH, turn(1, 30, { inputTokens: 100 })] })
    assert.deepStrictEqual(cachedShareLaterTurns.measure(silent), {
      absent: "the engine did not report what it found in a cache",
    })
    const broken = trialSample({ requests: [FRESH, requestSample({ turn: 1, outcome: "error" })] })
    for (const { measure } of [ttftLaterTurns, cachedShareLaterTurns])
      assert.deepStrictEqual(measure(broken), { absent: "no such turn succeeded" })
    assert.deepStrictEqual(ttftFirstTurn.measure(trialSample()), { absent: "no such turn succeeded" })
  })

  it("belong to conversations alone", () => {
    const of = (scenario: Parameters<typeof metricsFor>[2]) =>
      metricsFor("generate", METRICS, scenario).filter(({ under }) => under === "multi-turn").length
    assert.strictEqual(of({ kind: "multi-turn", prompts: "p", turns: 2, outputTokens: 4 }), 3)
    assert.strictEqual(of({ kind: "latency", prompts: "p", requests: 1, outputTokens: 4 }), 0)
  })
})

describe("turnsOf", () => {
  it("has each turn's medians over the measured trials, and leaves out what a trial does not know", () => {
    const slower = { requests: [turn(0, 120, { inputTokens: 50, cachedTokens: 0 }), turn(1, 50, { inputTokens: 102 })] }
    const warmup = { phase: "warmup", requests: [turn(0, 900, { inputTokens: 9 })] } as const
    assert.deepStrictEqual(turnsOf([trialSample(warmup), conversation, trialSample(slower)]), [
      { turn: 0, inputTokens: 50, cachedTokens: 0, ttftMs: 110, tpotMs: 10 },
      { turn: 1, inputTokens: 101, ttftMs: 40, tpotMs: 10 },
      { turn: 2, inputTokens: 200, cachedTokens: 190, ttftMs: 40, tpotMs: 10 },
    ])
  })

  it("is undefined where no request was a turn", () => {
    assert.isUndefined(turnsOf([trialSample()]))
  })
})
