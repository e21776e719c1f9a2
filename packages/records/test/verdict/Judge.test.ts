import { assert, describe, it } from "@effect/vitest"
import { type ChunkDivergence, Effective, reason, REASONS, type Scored, seeded, verdictOf } from "@rigbook/core"
import { fakeModel } from "../../../testkit/src/FakeBackend.ts"
import type { ReasonCode } from "../../../core/src/record/Verdict.ts"
import { fakeSpec, protocol } from "../../../testkit/src/FakeCell.ts"
import { chunkSample, requestSample, trialSample } from "../../../testkit/src/FakeSamples.ts"
import { telemetryOpening, telemetryReading } from "../../../testkit/src/FakeTelemetry.ts"
import { agreement, type Evidence, judge } from "../../src/verdict/Judge.ts"
import {
  CASES,
  diverged,
  EFFECTIVE,
  engine,
  evidence,
  onGpu,
  shifted,
  slower,
  trials,
  WHOLE,
  withCalls,
  withGpu,
  withLoading,
  withScored,
  withTelemetry,
  withTrial,
} from "./evidence.ts"

describe("judge", () => {
  it("finds nothing where nothing is wrong", () => {
    assert.deepStrictEqual(judge(evidence()), { status: "valid", reasons: [] })
  })

  for (const code of Object.keys(CASES) as ReadonlyArray<keyof typeof CASES>)
    it(`gives ${code}, alone and with what was observed`, () => {
      const [found, says] = CASES[code]
      const { reasons, status } = judge(found)
      assert.deepStrictEqual(
        reasons.map((one) => one.code),
        [code],
      )
      assert.include(reasons[0]!.detail, says)
      assert.strictEqual(reasons[0]!.level, REASONS[code].level)
      assert.strictEqual(status, REASONS[code].level === "note" ? "valid" : REASONS[code].level)
    })

  it("finds predictions that are not numbers by their sums and by their divergences, and too few chunks", () => {
    const [first, ...rest] = Array.from({ length: 8 }, () => chunkSample(0.1))
    const judged = (...chunks: ReadonlyArray<ChunkDivergence>) =>
      judge(withScored(diverged({ chunks }), undefined, {}, { reference: WHOLE })).reasons.map(
        ({ code, detail }) => `${code}: ${detail}`,
      )
    assert.deepStrictEqual(judged(first!, ...rest), [])
    for (const odd of [{ surprise: null }, { divergences: chunkSample(Number.NaN).divergences }])
      assert.deepStrictEqual(judged({ ...first!, ...odd }, ...rest), [
        "not-a-number: 1 of 8 chunks have predictions that are not numbers",
      ])
    assert.deepStrictEqual(judged(...rest), ["few-queries: the figure is of 7 chunks (bound 8)"])
  })

  it("finds pairs without a direction, too few pairs, no correlation, a wide interval and one that does not repeat", () => {
    /** Scores from 0 to 1, and cosines that go with them as far as `noise` lets them. */
    const paired = (pairs: number, noise: number, lost = 0): Scored => {
      const draw = seeded("pairs")
      const scores = Array.from({ length: pairs }, (_, at) => at / pairs)
      return {
        measure: "sts",
        normalized: true,
        scores,
        cosines: scores.map((score, at) => (at < lost ? null : score * (1 - noise) + draw() * noise)),
      }
    }
    const judged = (scored: Scored, second?: Scored) =>
      judge(withScored(scored, second)).reasons.map(({ code, detail }) => `${code}: ${detail}`)
    assert.deepStrictEqual(judged(paired(120, 0)), [])
    assert.deepStrictEqual(judged(paired(120, 0, 2)), ["not-a-number: 2 of 120 pairs have vectors without a direction"])
    assert.deepStrictEqual(judged(paired(99, 0)), ["few-queries: the figure is of 99 pairs (bound 100)"])
    const [unrelated] = judged(paired(120, 1))
    assert.match(unrelated!, /^at-chance: Spearman's ρ may be as low as -0\.\d+, and chance alone gives 0\.000$/)
    const [wide] = judged(paired(120, 0.7))
    assert.match(wide!, /^wide-bootstrap: Spearman's ρ lies between /)
    const [other] = judged(paired(120, 0), paired(120, 0.1))
    assert.match(other!, /^not-repeatable: Spearman's ρ is 0\.9\d+ in one trial and 1\.000 in another/)
  })

  it("flags no value that stands out by less than anyone cares for, nor a protocol that got what it asks", () => {
    const near = [0, 0, 1, 0, 0].map((ms, trial) => shifted(trial, ms))
    assert.deepStrictEqual(judge(evidence({ samples: near })).reasons, [])
    const cell = fakeSpec({
      protocol: protocol({ warmup: { max: 4, within: 0.02 }, trials: { min: 6, max: 30, within: 0.01 } }),
    })
    const warm = [50, 0, 0, 0].map((ms, trial) => ({ ...shifted(trial, ms), phase: "warmup" as const }))
    assert.deepStrictEqual(judge(evidence({ cell, samples: [...warm, ...trials(6)] })).reasons, [])
    const cut = { ...shifted(0, 50), phase: "warmup" as const, opening: 0 }
    const on = [...warm, ...trials(6)].map((sample) => ({ ...sample, opening: 1 }))
    assert.deepStrictEqual(
      judge(evidence({ cell, samples: [cut, ...on] })).reasons.map(({ code }) => code),
      ["engine-restarted"],
      "of an opening that was cut while it warmed up nothing was measured",
    )
  })

  it("sees that the client of a load was late", () => {
    const late = withTrial({ client: { delayP99Ms: 6.24, delayMaxMs: 40, utilization: 0.85, cpuMs: 900 } })
    assert.deepStrictEqual(
      judge(late).reasons.map(({ code, detail }) => [code, detail]),
      [["client-bound", "its timers were 6.2 ms late (p99, bound 5 ms)"]],
    )
  })

  it("sees others before the start and while trials ran, and tells them from what can't be recognised", () => {
    const details = (found: Evidence) => judge(found).reasons.map(({ code, detail }) => `${code}: ${detail}`)
    assert.deepStrictEqual(
      details(withGpu((n) => (n === 0 ? { utilization: 0.3, processes: [{ pid: 9, owner: "unknown" }] } : {}))),
      [
        "foreign-process: process 9 was on GPU-fake-0 before the start; GPU-fake-0 was busy 30 % of the time before the start",
      ],
    )
    assert.deepStrictEqual(details(withGpu(() => ({ processes: [] }))), [])
    assert.deepStrictEqual(details(withGpu((n) => (n === 0 ? {} : { processes: [{ pid: 9, owner: "unknown" }] }))), [])
    assert.deepStrictEqual(details(withTelemetry((n) => ({ host: { busyMs: 240 * n, totalMs: 400 * n } }))), [
      "busy-host: other programs used 35 % of the processor while trials ran (bound 25 %)",
    ])
    assert.deepStrictEqual(details(withTelemetry((n) => ({ host: { busyMs: 190 * n, totalMs: 400 * n } }))), [])
  })

  it("takes our lateness for what it is beside the times that are measured", () => {
    const late = (lateMs: number) => judge(withTelemetry(() => ({ lateMs }))).reasons.map(({ detail }) => detail)
    assert.deepStrictEqual(late(4.9), [])
    assert.deepStrictEqual(late(6), ["Rigbook's event loop was 6.0 ms late at the median (bound 5.0 ms)"])
  })

  it("notes a GPU of the placement whose memory nobody read", () => {
    const silent = evidence({
      ...onGpu,
      telemetry: [telemetryOpening(5, telemetryReading, { problems: ["NVML: there is none"] })],
    })
    const { reasons, status } = judge(silent)
    assert.deepStrictEqual(
      [status, reasons.map(({ detail }) => detail)],
      ["valid", ["GPU-fake-0: NVML: there is none"]],
    )
  })

  it("believes what was observed from outside before the engine", () => {
    const evidenceOf = {
      from: "driver's process list",
      agrees: false,
      detail: "the engine's processes are on GPU-fake-0",
    }
    const { reasons } = judge(evidence({ proof: { state: "contradicted", evidence: [evidenceOf] } }))
    assert.deepStrictEqual(
      reasons.map(({ code, detail }) => `${code}: ${detail}`),
      ["device-mismatch: requested cpu; by the driver's process list, the engine's processes are on GPU-fake-0"],
    )
  })

  it("calls no drift what is small, or goes up and down", () => {
    const of = (...shifts: ReadonlyArray<number>) =>
      judge(evidence({ samples: shifts.map((ms, trial) => shifted(trial, ms)) })).reasons
    assert.deepStrictEqual(of(0, 0.5, 1, 1.5, 2), [])
    assert.deepStrictEqual(of(0, 8, 4, 6, 2), [])
  })

  it("says nothing of warm-ups", () => {
    const warmup = trialSample({ phase: "warmup", requests: [requestSample({ outcome: "error", cachedTokens: 9 })] })
    assert.deepStrictEqual(judge(evidence({ samples: [warmup, ...trials(5)] })).reasons, [])
  })

  it("holds vectors against each other, their documents and the model", () => {
    const reported = (...vectors: ReadonlyArray<{ readonly count: number; readonly dimensions: number }>) =>
      judge(withTrial({ requests: vectors.map((each) => ({ ...requestSample(), documents: 8, vectors: each })) }))
        .reasons.filter(({ code }) => code === "vector-mismatch")
        .map(({ detail }) => detail)
    assert.deepStrictEqual(reported({ count: 8, dimensions: 3 }, { count: 8, dimensions: 3 }), [])
    assert.deepStrictEqual(reported({ count: 4, dimensions: 3 }), ["4 vectors for 8 documents"])
    assert.deepStrictEqual(reported({ count: 8, dimensions: 3 }, { count: 8, dimensions: 2 }), [
      "vectors have 3 and 2 dimensions",
    ])
  })

  it("knows the width of vectors that a model projects, and that a server may shorten them or not", () => {
    const reported = (
      dimensions: number,
      model: Parameters<typeof fakeModel>[0],
      settings: Effective["settings"] = {},
    ) =>
      judge({
        ...withCalls({ vectors: { count: 8, dimensions } }),
        cell: fakeSpec({ task: "embed", model: fakeModel(model) }),
        effective: new Effective({ ...EFFECTIVE, settings: { context: 4096, ...settings } }),
      }).reasons.map(({ detail }) => detail)
    const projected = { hiddenSize: 384, dimensions: 512, shortenedTo: 64 }
    for (const width of [512, 64]) assert.deepStrictEqual(reported(width, projected), [])
    assert.deepStrictEqual(reported(384, projected), ["vectors have 384 dimensions, the model's have 512 or 64"])
    assert.deepStrictEqual(reported(512, projected, { dimensions: 64 }), [
      "vectors have 512 dimensions, the model's have 64",
    ])
    assert.deepStrictEqual(reported(384, { hiddenSize: 384 }), [])
  })

  it("finds nothing in documents that came whole, in a pooler nobody needs and in heads of models trained further", () => {
    const whole = withCalls({ truncated: { documents: 0, tokens: 0 }, inputTokens: 100, unknownTokens: 9 })
    assert.deepStrictEqual(judge(whole).reasons, [])
    const loading = { architecture: "Qwen3ForCausalLM", pooling: { mode: "lasttoken", assumed: false }, vocabulary: 5 }
    assert.deepStrictEqual(judge(withLoading(loading)).reasons, [])
    const plain = { architecture: "BertForMaskedLM", pooling: { mode: "mean", assumed: true } }
    assert.deepStrictEqual(
      judge(withLoading(plain)).reasons.map(({ code }) => code),
      ["not-an-embedder", "pooling-assumed"],
    )
  })

  it("says how little is known where a server's count alone shows that documents were cut", () => {
    const [only] = judge({
      ...withCalls({ truncated: { tokens: 300, atLeast: true } }),
      effective: new Effective(EFFECTIVE),
    }).reasons
    assert.deepStrictEqual(
      [only?.code, only?.detail],
      ["truncated", "documents were truncated: at least 75 % of their tokens were dropped"],
    )
  })

  it("notes a setting that the engine does not report, and leaves the run valid", () => {
    const { reasons, status } = judge(evidence({ requested: { settings: { context: 4096, unknown: true } } }))
    assert.deepStrictEqual([status, reasons.map(({ code }) => code)], ["valid", ["config-unverified"]])
  })

  it("lets the first token's tokens and the prompt's time differ within the bounds", () => {
    for (const factor of [1.009, 0.991])
      assert.deepStrictEqual(
        judge(evidence({ samples: trials(5, [requestSample({ engine, ...slower(factor) })]) })).reasons,
        [],
      )
    const prompt = (promptMs: number) =>
      judge(evidence({ samples: trials(5, [requestSample({ engine: { ...engine, promptMs } })]) })).reasons
    assert.deepStrictEqual(prompt(96), [])
    assert.match(prompt(94)[0]!.detail, /^prefill: by the client's clock 0\.940/)
  })

  it("does not take a load's waiting in the engine for a disagreement", () => {
    const waited = trials(5, [requestSample({ engine: { ...engine, promptMs: 50 } })])
    const load = { kind: "concurrency", prompts: "p", streams: 2, outputTokens: 4, cache: "fresh", seed: 1 } as const
    const codes = (change: Partial<Evidence>) =>
      judge(evidence({ samples: waited, ...change })).reasons.map(({ code }) => code)
    assert.include(codes({}), "clock-disagrees")
    assert.notInclude(codes({ cell: fakeSpec({ scenario: load }) }), "clock-disagrees")
  })

  it("expects a cache in the later turns of a conversation, and none in the first", () => {
    const cell = fakeSpec({ scenario: { kind: "multi-turn", prompts: "p", turns: 2, outputTokens: 4 } })
    const codes = (...cached: ReadonlyArray<number>) =>
      judge(
        evidence({
          cell,
          samples: trials(
            5,
            cached.map((cachedTokens, turn) =>
              requestSample({ turn, cachedTokens, engine: { ...engine, promptMs: 50 } }),
            ),
          ),
        }),
      ).reasons.map(({ code }) => code)
    assert.deepStrictEqual(codes(0, 90), [])
    assert.deepStrictEqual(codes(1, 90), ["cache-warm"])
  })
})

describe("verdictOf", () => {
  it("lets the hardest reason decide", () => {
    const of = (...codes: ReadonlyArray<ReasonCode>) => verdictOf(codes.map((code) => reason(code, "seen"))).status
    assert.strictEqual(of(), "valid")
    assert.strictEqual(of("engine-restarted"), "valid")
    assert.strictEqual(of("engine-restarted", "noisy"), "suspect")
    assert.strictEqual(of("noisy", "errors", "memory-unobserved"), "invalid")
  })
})

describe("agreement", () => {
  it("is 1 when both clocks tell the same", () => {
    assert.deepStrictEqual(agreement(trials(1)[0]!), { decode: 1, prefill: 1 })
  })

  it("is the speed by our clock over the engine's", () => {
    const sample = trialSample({ requests: [requestSample({ engine: { ...engine, decodeMs: 15, promptMs: 50 } })] })
    assert.deepStrictEqual(agreement(sample), { decode: 0.5, prefill: 0.5 })
  })

  it("counts the same tokens on both sides", () => {
    // The engine leaves one of the three later tokens out of its time.
    const sample = trialSample({ requests: [requestSample({ engine: { ...engine, decodeTokens: 2, decodeMs: 20 } })] })
    assert.deepStrictEqual(agreement(sample), { decode: 1, prefill: 1 })
  })

  it("is unknown where the engine does not report, a request failed or no time passed", () => {
    const { decodeMs: _, ...unreported } = engine
    for (const requests of [
      [],
      [requestSample()],
      [requestSample({ engine: unreported })],
      [requestSample({ engine, outcome: "error" })],
      [requestSample({ engine, chunkMs: [110] })],
      [requestSample({ engine, chunkMs: [110, 110] })],
      [requestSample({ engine: { ...engine, decodeTokens: 0, decodeMs: 0 } })],
    ])
      assert.isUndefined(agreement(trialSample({ requests })))
  })
})
