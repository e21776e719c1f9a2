import { Effective, type Effective as EffectiveType } from "@rigbook/core"
import { backendError, OutOfMemory } from "@rigbook/core"
import { CPU, Device, DeviceId } from "@rigbook/core"
import { Placement } from "@rigbook/core"
import type { CellSpec, RequestSample, Sample, Scored } from "@rigbook/core"
import type { DeviceValues, EngineIdentity } from "@rigbook/core"
import type { TelemetryReading } from "@rigbook/core"
import type { ReasonCode } from "../../../core/src/record/Verdict.ts"
import { fakeModel } from "../../../testkit/src/FakeBackend.ts"
import { fakeSpec, protocol, scenario } from "../../../testkit/src/FakeCell.ts"
import { fakeHost, gpuId } from "../../../testkit/src/FakeHosts.ts"
import {
  chunkSample,
  embedSample,
  fakeEnvironment,
  qualitySample,
  requestSample,
  trialSample,
} from "../../../testkit/src/FakeSamples.ts"
import { telemetryOpening, telemetryReading } from "../../../testkit/src/FakeTelemetry.ts"
import { METRICS } from "../../src/metrics/Metrics.ts"
import { valuesOf } from "../../src/metrics/Values.ts"
import type { Evidence } from "../../src/verdict/Judge.ts"

export const engine = { promptTokens: 100, promptMs: 100, decodeTokens: 3, decodeMs: 30 }
export const EFFECTIVE = { devices: [CPU], settings: { context: 4096, seed: 1 }, buffers: [] }
const held = (device: string, mib: number) => ({ device, kind: "model", bytes: mib * 2 ** 20 })
const THERE = new Device({ id: DeviceId.make("rpc:there"), kind: "remote", name: "there" })
export const trials = (count: number, requests = [requestSample({ engine })]) =>
  Array.from({ length: count }, (_, trial) => trialSample({ trial, requests }))

export const evidence = (change: Partial<Evidence> = {}): Evidence => {
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
export const withTrial = (change: Partial<Sample>) =>
  evidence({ samples: [...trials(4), { ...trials(1)[0]!, ...change }] })
export const slower = (factor: number): Partial<RequestSample> => ({ engine: { ...engine, decodeMs: 30 / factor } })

export const onGpu = {
  cell: fakeSpec({ host: fakeHost([2 ** 35]), placement: new Placement({ strategy: "single", devices: [gpuId(0)] }) }),
  effective: new Effective({ ...EFFECTIVE, devices: [gpuId(0)] }),
}
/** A run on a GPU that tells these values at its n-th reading; reading 0 is before the engine was started. */
export const withGpu = (values: (n: number) => DeviceValues) =>
  evidence({
    ...onGpu,
    telemetry: [
      telemetryOpening(5, (n) => telemetryReading(n, { devices: { [gpuId(0)]: { usedBytes: 1, ...values(n) } } })),
    ],
  })
export const withTelemetry = (reading: (n: number) => Partial<TelemetryReading>) =>
  evidence({ telemetry: [telemetryOpening(5, (n) => telemetryReading(n, reading(n)))] })
export const shifted = (trial: number, ms: number) =>
  trialSample({ trial, requests: [requestSample({ engine, chunkMs: [110, 120, 130, 140].map((at) => at + ms) })] })

const NONE = { count: 0, first: [] }
export const withLoading = (loading: Partial<NonNullable<EffectiveType["loading"]>>) =>
  withEffective({ loading: { missing: NONE, unexpected: NONE, ...loading } })
/** Embedding calls of 8 documents, all of which came out like this; the engine takes 16 tokens. */
export const withCalls = (change: Partial<RequestSample>): Evidence => ({
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
/** Two trials of quality that came to this; `second` where the second came to something else. */
export const withScored = (
  scored: Scored,
  second: Scored = scored,
  change: Partial<RequestSample> = {},
  cell: Partial<Omit<CellSpec, "identity">> = {},
): Evidence => {
  const samples = [scored, second].map((each, trial) => {
    const sample = qualitySample(each.measure, { trial, scored: each })
    return { ...sample, requests: sample.requests.map((request) => ({ ...request, ...change })) }
  })
  const about = { kind: "quality", dataset: "d", prompts: "p", reference: { path: "f16.gguf" } }
  const task = scored.measure === "kld" || scored.measure === "tasks" ? "generate" : "embed"
  return evidence({
    samples,
    cell: fakeSpec({ task, scenario: scenario({ ...about, measure: scored.measure }), ...cell }),
  })
}
/** Eight chunks that were compared with a reference. */
export const diverged = (change: Partial<Extract<Scored, { readonly measure: "kld" }>> = {}): Scored => ({
  measure: "kld",
  nullTest: 0,
  chunks: Array.from({ length: 8 }, (_, chunk) => chunkSample(0.1 + chunk / 1000)),
  ...change,
})
export const WHOLE = { sha256: "f".repeat(64), quantization: "F16", bitsPerWeight: 16 }
const UNPACKED = {
  ...WHOLE,
  quantizedFrom: { format: "gguf", sha256: "e".repeat(64), quantization: "Q4_1", bitsPerWeight: 5 },
} as const
/** So many queries of 200 documents, whose answers rank like this in turn. */
export const rankedAs = (queries: number, ...ranks: ReadonlyArray<number | null>): Scored => ({
  measure: "retrieval",
  normalized: true,
  documents: 200,
  ranks: Array.from({ length: queries }, (_, query) => {
    const rank = ranks[query % ranks.length]!
    return rank === null ? null : [rank]
  }),
})
/** 120 questions with four choices, of whose replies every tenth was cut before its letter. */
const CUT: Scored = {
  measure: "tasks",
  questions: Array.from({ length: 120 }, (_, at) =>
    at % 10 === 0
      ? { answer: "B", choices: 4, reply: "Let me think", cut: true }
      : { answer: "B", choices: 4, reply: "B" },
  ),
}
const TRUNCATED = "2 of 8 documents were truncated to 16 tokens: 75 % of their tokens were dropped"

/** For every reason that a run gives by itself evidence that gives it, and a part of what it says. */
export const CASES: Record<Exclude<ReasonCode, "engines-disagree">, readonly [Evidence, string]> = {
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
    "the engine's identity at the end is unknown: /v1/models: no answer",
  ],
  "device-mismatch": [withEffective({ devices: [gpuId(0)] }), "requested cpu, the weights are on GPU-fake-0"],
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
    "requested layer: GPU-fake-0 + GPU-fake-1 (3:1): GPU-fake-0 75 % (30.0 MiB), GPU-fake-1 25 % (10.0 MiB); " +
      "found GPU-fake-0 50 % (20.0 MiB), GPU-fake-1 50 % (20.0 MiB)",
  ],
  "placement-unverified": [
    {
      ...withGpu(() => ({ processes: [] })),
      proof: { state: "unverified", evidence: [], missing: ["GPU-fake-0: the driver lists no process of the engine"] },
    },
    "requested single: GPU-fake-0; the engine agrees, an independent witness is missing: GPU-fake-0: the driver lists",
  ],
  "memory-unknown": [
    evidence({
      cell: fakeSpec({
        host: fakeHost().with([THERE]),
        placement: new Placement({ strategy: "single", devices: [THERE.id] }),
      }),
      effective: new Effective({ ...EFFECTIVE, devices: [THERE.id] }),
    }),
    "the memory of rpc:there is unknown",
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
    "its tokenizer has 5 tokens, the model 30522",
  ],
  "unknown-tokens": [withCalls({ inputTokens: 100, unknownTokens: 75 }), "75 % of the tokens"],
  "device-unverified": [withEffective({ devices: [] }), "requested cpu"],
  "config-drift": [withEffective({ settings: { context: 2048 } }), "context: requested 4096, effective 2048"],
  "config-unverified": [withEffective({ settings: {} }), "context: requested 4096, not reported by the engine"],
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
    "after the most warm-ups, Time to first token still changed by 5.8 % (requested 2.0 %)",
  ],
  "wide-interval": [
    evidence({
      cell: fakeSpec({ protocol: protocol({ trials: { min: 6, max: 6, within: 0.01 } }) }),
      samples: [0, 4, 1, 3, 0, 4].map((ms, trial) => shifted(trial, ms)),
    }),
    "after 6 trials, Time to first token is within 2.0 % (requested 1.0 %)",
  ],
  outliers: [
    evidence({ samples: [0, 1, 0, 9, 1].map((ms, trial) => shifted(trial, ms)) }),
    "Time to first token of trial 4 (+7.9 %)",
  ],
  retried: [withRequest({ retries: 2, waitedMs: 3000 }), "1 of 5 requests were sent again, 2 times in total"],
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
    "5 of 5 requests: 4 tokens, 3 were requested",
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
    "5 of 5 requests: a prompt of 1000000000000000 tokens, but the model's context has 8192",
  ],
  "several-per-chunk": [
    evidence({
      samples: trials(5, [
        requestSample({ chunkMs: [110, 130], chunkTokens: [2, 2], engine: { ...engine, promptMs: 90 } }),
      ]),
    }),
    "chunks held 2.0 tokens at the median, 2 tokens arrived with the first",
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
    "Rigbook's event loop was busy 90 % of the time (bound 80 %)",
  ],
  drifting: [
    evidence({ samples: [0, 2, 4, 6, 8].map((ms, trial) => shifted(trial, ms)) }),
    "Time to first token rose by 9.6 % over the trials (bound 3.0 %, p = 0.017)",
  ],
  "busy-host": [evidence({ environment: { ...fakeEnvironment, busy: { value: 0.5 } } }), "50 % of the processor"],
  "clock-disagrees": [
    evidence({ samples: trials(5, [requestSample({ engine, ...slower(1.02) })]) }),
    "decode: by the client's clock 0.980",
  ],
  "memory-unobserved": [withTrial({ memory: { atMs: [], rssBytes: [], absent: "no /proc" } }), "no /proc"],
  "not-a-number": [withScored(rankedAs(120, 1, null)), "60 of 120 queries have vectors without a direction"],
  "not-repeatable": [
    withScored(rankedAs(120, 1), rankedAs(120, ...Array.from({ length: 59 }, () => 1), 3)),
    "nDCG@10 is 0.992 in one trial and 1.000 in another (bound 0.001)",
  ],
  "null-test-failed": [
    withScored(diverged({ nullTest: 1e-7 }), undefined, {}, { reference: WHOLE }),
    "the reference, compared with itself, diverges by up to 1.00e-7 nats",
  ],
  "reference-quantized": [
    withScored(diverged(), undefined, {}, { reference: UNPACKED }),
    "the reference is F16, converted from Q4_1: its weights were rounded to 5.00 bits",
  ],
  "few-queries": [withScored(rankedAs(30, 1)), "the figure is of 30 queries (bound 100)"],
  "wide-bootstrap": [withScored(rankedAs(120, 1, 50, 50)), "nDCG@10 lies between "],
  "at-chance": [withScored(rankedAs(120, ...Array.from({ length: 39 }, () => 90), 3)), "chance alone gives 0.023"],
  "quality-of-cut-texts": [
    withScored(rankedAs(120, 1), undefined, { truncated: { documents: 2, tokens: 20 } }),
    "2 of 8 documents were truncated",
  ],
  "replies-cut": [withScored(CUT), "12 of 120 replies ended at the limit of tokens, without an answer (bound 5 %)"],
  "synthetic-weights": [
    evidence({ cell: fakeSpec({ model: fakeModel({ layers: 2, synthetic: { layers: 32 } }) }) }),
    "synthetic weights, 2 of 32 layers",
  ],
  "engine-restarted": [withTrial({ opening: 2 }), "started 3 times"],
}
