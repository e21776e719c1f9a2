import { assert, describe, it } from "@effect/vitest"
import { Effective, type Effective as EffectiveType } from "@rigbook/core"
import { backendError, OutOfMemory } from "@rigbook/core"
import { CPU, Device, DeviceId } from "@rigbook/core"
import { Placement } from "@rigbook/core"
import type { RequestSample, Sample } from "@rigbook/core"
import type { DeviceValues } from "@rigbook/core"
import type { EngineIdentity } from "@rigbook/core"
import type { TelemetryReading } from "@rigbook/core"
import { reason, REASONS, verdictOf } from "@rigbook/core"
import type { ReasonCode } from "../../../core/src/record/Verdict.ts"
import { fakeModel } from "../../../testkit/src/FakeBackend.ts"
import { fakeSpec, protocol, scenario } from "../../../testkit/src/FakeCell.ts"
import { fakeHost, gpuId } from "../../../testkit/src/FakeHosts.ts"
import { embedSample, fakeEnvironment, requestSample, trialSample } from "../../../testkit/src/FakeSamples.ts"
import { telemetryOpening, telemetryReading } from "../../../testkit/src/FakeTelemetry.ts"
import { METRICS } from "../../src/metrics/Metrics.ts"
import { valuesOf } from "../../src/metrics/Values.ts"
import { agreement, type Evidence, judge } from "../../src/verdict/Judge.ts"

const engine = { promptTokens: 100, promptMs: 100, decodeTokens: 3, decodeMs: 30 }
const EFFECTIVE = { devices: [CPU], settings: { context: 4096, seed: 1 }, buffers: [] }
const held = (device: string, mib: number) => ({ device, kind: "model", bytes: mib * 2 ** 20 })
const THERE = new Device({ id: DeviceId.make("rpc:there"), kind: "remote", name: "there" })
const trials = (count: number, requests = [requestSample({ engine })]) =>
  Array.from({ length: count }, (_, trial) => trialSample({ trial, requests }))

const evidence = (change: Partial<Evidence> = {}): Evidence => {
  const samples = change.samples ?? trials(5)
  return {
    cell: fakeSpec(),
    environment: fakeEnvironment,
    requested: { settings: { context: 4096 } },
    effective: new Effective(EFFECTIVE),
    failure: undefined,
    samples,
    values: valuesOf(samples, METRICS),
    telemetry: [telemetryOpening(5)],
    proof: { state: "verified", evidence: [] },
    ...change,
  }
}
const identity = (program: EngineIdentity["program"] = { version: "1" }): EngineIdentity => ({ program, process: {} })
const withRequest = (change: Partial<RequestSample>) =>
  evidence({ samples: [...trials(4), ...trials(1, [requestSample({ engine, ...change })])] })
const withEffective = (change: Partial<EffectiveType>) =>
  evidence({ effective: new Effective({ ...EFFECTIVE, ...change }) })
const withTrial = (change: Partial<Sample>) => evidence({ samples: [...trials(4), { ...trials(1)[0]!, ...change }] })
const slower = (factor: number): Partial<RequestSample> => ({ engine: { ...engine, decodeMs: 30 / factor } })

const onGpu = {
  cell: fakeSpec({ host: fakeHost([2 ** 35]), placement: new Placement({ strategy: "single", devices: [gpuId(0)] }) }),
  effective: new Effective({ ...EFFECTIVE, devices: [gpuId(0)] }),
}
/** A run on a GPU that tells these values at its n-th reading; reading 0 is before the engine was started. */
const withGpu = (values: (n: number) => DeviceValues) =>
  evidence({
    ...onGpu,
    telemetry: [
      telemetryOpening(5, (n) => telemetryReading(n, { devices: { [gpuId(0)]: { usedBytes: 1, ...values(n) } } })),
    ],
  })
const withTelemetry = (reading: (n: number) => Partial<TelemetryReading>) =>
  evidence({ telemetry: [telemetryOpening(5, (n) => telemetryReading(n, reading(n)))] })
const shifted = (trial: number, ms: number) =>
  trialSample({ trial, requests: [requestSample({ engine, chunkMs: [110, 120, 130, 140].map((at) => at + ms) })] })

const NONE = { count: 0, first: [] }
const withLoading = (loading: Partial<NonNullable<EffectiveType["loading"]>>) =>
  withEffective({ loading: { missing: NONE, unexpected: NONE, ...loading } })
/** Embedding calls of 8 documents, all of which came out like this; the engine takes 16 tokens. */
const withCalls = (change: Partial<RequestSample>): Evidence => ({
  ...evidence({
    samples: Array.from({ length: 5 }, (_, trial) => {
      const sample = embedSample({ trial })
      return {
        ...sample,
        requests: sample.requests.map((request) => ({ ...request, documents: 8, inputTokens: 100, ...change })),
      }
    }),
    effective: new Effective({ ...EFFECTIVE, settings: { context: 4096, maxLength: 16 } }),
  }),
  cell: fakeSpec({ task: "embed", scenario: scenario({ kind: "batch", prompts: "p", documents: 8, batchSize: 4 }) }),
})
const TRUNCATED = "2 of 8 documents were cut to 16 tokens: 75 % of their tokens were dropped"

/** For every reason that a run gives by itself evidence that gives it, and a part of what it says. */
const CASES: Record<Exclude<ReasonCode, "engines-disagree">, readonly [Evidence, string]> = {
  failed: [
    evidence({
      effective: undefined,
      samples: [],
      failure: backendError("fake")(new OutOfMemory({ detail: "Too large.", fix: "Take a smaller one." })),
    }),
    "OutOfMemory: Too large.",
  ],
  errors: [withRequest({ outcome: "error" }), "1 of 5 requests failed"],
  "engine-changed": [
    evidence({ identities: [{ opened: identity({ version: "1" }), closed: identity({ version: "2" }) }] }),
    "version was 1 at the start, and 2 at the end",
  ],
  "engine-unverified": [
    evidence({ identities: [{ opened: identity(), closed: { ...identity({}), absent: "/v1/models: no answer" } }] }),
    "what answered at the end is not known: /v1/models: no answer",
  ],
  "device-mismatch": [withEffective({ devices: [gpuId(0)] }), "asked for cpu, the weights are on GPU-fake-0"],
  "placement-mismatch": [
    evidence({
      cell: fakeSpec({ placement: new Placement({ strategy: "layer", devices: [gpuId(0), gpuId(1)], split: [3, 1] }) }),
      requested: { settings: {}, buffers: [held(gpuId(0), 30), held(gpuId(1), 10)] },
      effective: new Effective({
        ...EFFECTIVE,
        devices: [gpuId(0), gpuId(1)],
        buffers: [held(gpuId(0), 20), held(gpuId(1), 20), held("cpu", 5)],
      }),
    }),
    "asked for layer: GPU-fake-0 + GPU-fake-1 (3:1): GPU-fake-0 75 % (30.0 MiB), GPU-fake-1 25 % (10.0 MiB); " +
      "found GPU-fake-0 50 % (20.0 MiB), GPU-fake-1 50 % (20.0 MiB)",
  ],
  "memory-unknown": [
    evidence({
      cell: fakeSpec({
        host: fakeHost().with([THERE]),
        placement: new Placement({ strategy: "single", devices: [THERE.id] }),
      }),
      effective: new Effective({ ...EFFECTIVE, devices: [THERE.id] }),
    }),
    "how much memory rpc:there has is not known",
  ],
  truncated: [withCalls({ truncated: { documents: 2, tokens: 300 } }), TRUNCATED],
  "truncated-as-set": [
    {
      ...withCalls({ truncated: { documents: 2, tokens: 300 } }),
      requested: { settings: { maxLength: 16 } },
    },
    TRUNCATED,
  ],
  "truncation-unknown": [
    withCalls({ truncated: { unknown: "the server does not count tokens" } }),
    "the server does not count tokens",
  ],
  "weights-missing": [
    withLoading({ missing: { count: 7, first: ["a", "b"] }, unexpected: { count: 1, first: ["x.a"] } }),
    "7 weights (a, b, …) are in none of its files; 1 weight (x.a) in its files was not used",
  ],
  "weights-unused": [
    withLoading({ unexpected: { count: 2, first: ["head.weight", "head.bias"] } }),
    "2 weights (head.weight, head.bias) in its files were not used",
  ],
  "not-an-embedder": [
    withLoading({ architecture: "XLMRobertaForSequenceClassification", pooling: { mode: "cls", assumed: false } }),
    "XLMRobertaForSequenceClassification",
  ],
  "pooling-assumed": [withLoading({ pooling: { mode: "mean", assumed: true } }), "mean pooling is the library's"],
  "tokenizer-missing": [
    { ...withLoading({ vocabulary: 5 }), cell: fakeSpec({ model: fakeModel({ vocabulary: 30_522 }) }) },
    "its tokenizer knows 5 tokens, the model 30522",
  ],
  "unknown-tokens": [withCalls({ inputTokens: 100, unknownTokens: 75 }), "75 % of the tokens"],
  "device-unverified": [withEffective({ devices: [] }), "asked for cpu"],
  "config-drift": [withEffective({ settings: { context: 2048 } }), "context: asked for 4096, in force is 2048"],
  "config-unverified": [withEffective({ settings: {} }), "context: asked for 4096, not told by the engine"],
  "cache-warm": [withRequest({ cachedTokens: 7 }), "1 of 5 requests"],
  "cache-used": [
    {
      ...withRequest({ cachedTokens: 7 }),
      cell: fakeSpec({ scenario: scenario({ kind: "latency", prompts: "p", cache: "repeated" }) }),
    },
    "1 of 5 requests found prompt tokens in a cache, 7.0 % of all",
  ],
  "texts-repeated": [
    evidence({
      cell: fakeSpec({
        task: "embed",
        scenario: scenario({ kind: "batch", prompts: "p", documents: 8, batchSize: 4 }),
        placement: new Placement({ strategy: "attached", devices: [CPU] }),
      }),
      samples: Array.from({ length: 5 }, (_, trial) => embedSample({ trial })),
    }),
    "every trial sent the same texts",
  ],
  "vector-mismatch": [
    evidence({
      samples: Array.from({ length: 5 }, (_, trial) => embedSample({ trial })),
      effective: new Effective({ ...EFFECTIVE, settings: { context: 4096, dimensions: 768 } }),
    }),
    "vectors have 384 dimensions, the model's have 768",
  ],
  "not-warm": [
    evidence({
      cell: fakeSpec({ protocol: protocol({ warmup: { max: 4, within: 0.02 } }) }),
      samples: [...[0, 9, 0, 3].map((ms, trial): Sample => ({ ...shifted(trial, ms), phase: "warmup" })), ...trials(5)],
    }),
    "after the most warm-ups, Time to first token still moved by 5.8 % (asked for 2.0 %)",
  ],
  "wide-interval": [
    evidence({
      cell: fakeSpec({ protocol: protocol({ trials: { min: 6, max: 6, within: 0.01 } }) }),
      samples: [0, 4, 1, 3, 0, 4].map((ms, trial) => shifted(trial, ms)),
    }),
    "after 6 trials, Time to first token is within 2.0 % (asked for 1.0 %)",
  ],
  outliers: [
    evidence({ samples: [0, 1, 0, 9, 1].map((ms, trial) => shifted(trial, ms)) }),
    "Time to first token of trial 4 (+7.9 %)",
  ],
  retried: [withRequest({ retries: 2, waitedMs: 3000 }), "1 of 5 requests were sent again, 2 times in all"],
  "short-output": [
    evidence({
      samples: trials(5, [
        requestSample({
          chunkMs: [110, 120, 130],
          outputTokens: 3,
          engine: { ...engine, decodeTokens: 2, decodeMs: 20 },
        }),
      ]),
    }),
    "5 of 5 requests",
  ],
  "long-output": [
    evidence({ samples: trials(5, [requestSample({ engine, requestedTokens: 3 })]) }),
    "5 of 5 requests: 4 tokens where 3 were asked for",
  ],
  "tokens-unaccounted": [
    evidence({ samples: trials(5, [requestSample({ engine, outputTokens: 10, requestedTokens: 10 })]) }),
    "5 of 5 requests: the engine counts 10 tokens, 4 chunks carried 4",
  ],
  "usage-contradicts": [
    evidence({
      samples: trials(5, [requestSample({ engine, inputTokens: 1e15 })]),
      cell: fakeSpec({ model: fakeModel({ contextLength: 8192 }) }),
    }),
    "5 of 5 requests: a prompt of 1000000000000000 tokens, where the model's context has 8192",
  ],
  "several-per-chunk": [
    evidence({
      samples: trials(5, [
        requestSample({ chunkMs: [110, 130], chunkTokens: [2, 2], engine: { ...engine, promptMs: 90 } }),
      ]),
    }),
    "chunks held 2.0 tokens at the median, 2 tokens came with the first",
  ],
  "too-few-trials": [evidence({ samples: trials(4) }), "4 measured"],
  noisy: [
    evidence({
      samples: [110, 140, 170, 110, 170].map((at, trial) =>
        trialSample({ trial, requests: [requestSample({ chunkMs: [at, at + 10, at + 20, at + 30] })] }),
      ),
    }),
    "Time to first token varies by 23 %",
  ],
  throttled: [
    withGpu((n) => ({ limits: n === 20 ? ["hw-thermal"] : ["application-clocks"] })),
    "hw-thermal on GPU-fake-0 in 1 of 55 readings",
  ],
  "power-capped": [withGpu((n) => ({ limits: n > 0 && n % 2 === 0 ? ["power-cap"] : [] })), "in 27 of 55 readings"],
  "foreign-process": [
    withGpu((n) => ({
      processes:
        n === 30
          ? [
              { pid: 7, owner: "ours" },
              { pid: 8, owner: "foreign" },
            ]
          : [],
    })),
    "process 8 was on GPU-fake-0 while trials ran",
  ],
  "client-bound": [
    withTelemetry((n) => ({ own: { cpuMs: 50 * n, loopMs: 90 * n } })),
    "our event loop was at work 90 % of the time (bound 80 %)",
  ],
  drifting: [
    evidence({ samples: [0, 2, 4, 6, 8].map((ms, trial) => shifted(trial, ms)) }),
    "Time to first token went up by 9.6 % over the trials (bound 3.0 %, p = 0.017)",
  ],
  "busy-host": [evidence({ environment: { ...fakeEnvironment, busy: { value: 0.5 } } }), "50 % of the processor"],
  "clock-disagrees": [
    evidence({ samples: trials(5, [requestSample({ engine, ...slower(1.02) })]) }),
    "decode: ours is 0.980",
  ],
  "memory-unobserved": [withTrial({ memory: { atMs: [], rssBytes: [], absent: "no /proc" } }), "no /proc"],
  "synthetic-weights": [
    evidence({ cell: fakeSpec({ model: fakeModel({ layers: 2, synthetic: { layers: 32 } }) }) }),
    "synthetic weights, 2 of 32 layers",
  ],
  "engine-restarted": [withTrial({ opening: 2 }), "started 3 times"],
}

describe("judge", () => {
  it("finds nothing where nothing is wrong", () => {
    assert.deepStrictEqual(judge(evidence()), { status: "valid", reasons: [] })
  })

  for (const code of Object.keys(CASES) as ReadonlyArray<keyof typeof CASES>)
    it(`gives ${code}, alone and with what was seen`, () => {
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
        "foreign-process: process 9 was on GPU-fake-0 before the start; GPU-fake-0 was at work 30 % of the time before the start",
      ],
    )
    assert.deepStrictEqual(details(withGpu(() => ({ processes: [] }))), [])
    assert.deepStrictEqual(details(withGpu((n) => (n === 0 ? {} : { processes: [{ pid: 9, owner: "unknown" }] }))), [])
    assert.deepStrictEqual(details(withTelemetry((n) => ({ host: { busyMs: 240 * n, totalMs: 400 * n } }))), [
      "busy-host: others used 35 % of the processor while trials ran (bound 25 %)",
    ])
    assert.deepStrictEqual(details(withTelemetry((n) => ({ host: { busyMs: 190 * n, totalMs: 400 * n } }))), [])
  })

  it("takes our lateness for what it is beside the times that are measured", () => {
    const late = (lateMs: number) => judge(withTelemetry(() => ({ lateMs }))).reasons.map(({ detail }) => detail)
    assert.deepStrictEqual(late(4.9), [])
    assert.deepStrictEqual(late(6), ["our event loop was 6.0 ms late at the median (bound 5.0 ms)"])
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

  it("believes what was seen from outside before the engine", () => {
    const evidenceOf = {
      from: "driver's process list",
      agrees: false,
      detail: "the engine's processes are on GPU-fake-0",
    }
    const { reasons } = judge(evidence({ proof: { state: "contradicted", evidence: [evidenceOf] } }))
    assert.deepStrictEqual(
      reasons.map(({ code, detail }) => `${code}: ${detail}`),
      ["device-mismatch: asked for cpu; by the driver's process list, the engine's processes are on GPU-fake-0"],
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
    const told = (...vectors: ReadonlyArray<{ readonly count: number; readonly dimensions: number }>) =>
      judge(withTrial({ requests: vectors.map((each) => ({ ...requestSample(), documents: 8, vectors: each })) }))
        .reasons.filter(({ code }) => code === "vector-mismatch")
        .map(({ detail }) => detail)
    assert.deepStrictEqual(told({ count: 8, dimensions: 3 }, { count: 8, dimensions: 3 }), [])
    assert.deepStrictEqual(told({ count: 4, dimensions: 3 }), ["4 vectors came for 8 documents"])
    assert.deepStrictEqual(told({ count: 8, dimensions: 3 }, { count: 8, dimensions: 2 }), [
      "vectors have 3 and 2 dimensions",
    ])
  })

  it("knows the width of vectors that a model projects, and that a server may shorten them or not", () => {
    const told = (
      dimensions: number,
      model: Parameters<typeof fakeModel>[0],
      settings: EffectiveType["settings"] = {},
    ) =>
      judge({
        ...withCalls({ vectors: { count: 8, dimensions } }),
        cell: fakeSpec({ task: "embed", model: fakeModel(model) }),
        effective: new Effective({ ...EFFECTIVE, settings: { context: 4096, ...settings } }),
      }).reasons.map(({ detail }) => detail)
    const projected = { hiddenSize: 384, dimensions: 512, shortenedTo: 64 }
    for (const width of [512, 64]) assert.deepStrictEqual(told(width, projected), [])
    assert.deepStrictEqual(told(384, projected), ["vectors have 384 dimensions, the model's have 512 or 64"])
    assert.deepStrictEqual(told(512, projected, { dimensions: 64 }), [
      "vectors have 512 dimensions, the model's have 64",
    ])
    assert.deepStrictEqual(told(384, { hiddenSize: 384 }), [])
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
      ["truncated", "documents were cut: at least 75 % of their tokens were dropped"],
    )
  })

  it("notes a setting that the engine does not tell, and leaves the run valid", () => {
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
    assert.match(prompt(94)[0]!.detail, /^prefill: ours is 0\.940/)
  })

  it("does not take a load's waiting in the engine for a disagreement", () => {
    const waited = trials(5, [requestSample({ engine: { ...engine, promptMs: 50 } })])
    const load = { kind: "concurrency", prompts: "p", streams: 2, outputTokens: 4, cache: "fresh", seed: 1 } as const
    const codes = (change: Partial<Evidence>) =>
      judge(evidence({ samples: waited, ...change })).reasons.map(({ code }) => code)
    assert.include(codes({}), "clock-disagrees")
    assert.notInclude(codes({ cell: fakeSpec({ scenario: load }) }), "clock-disagrees")
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

  it("is unknown where the engine does not tell, a request failed or no time passed", () => {
    const { decodeMs: _, ...untold } = engine
    for (const requests of [
      [],
      [requestSample()],
      [requestSample({ engine: untold })],
      [requestSample({ engine, outcome: "error" })],
      [requestSample({ engine, chunkMs: [110] })],
      [requestSample({ engine, chunkMs: [110, 110] })],
      [requestSample({ engine: { ...engine, decodeTokens: 0, decodeMs: 0 } })],
    ])
      assert.isUndefined(agreement(trialSample({ requests })))
  })
})
