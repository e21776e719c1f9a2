import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { CONFIG, issuesOf } from "../../../records/test/workspace/issuesOf.ts"
import { ModelConfig, Protocol } from "../../src/scenario/ModelConfig.ts"

const PATH = "source: { path: demo.gguf }"
const SCENARIO = "{ kind: latency, prompts: short-chat }"
const KINDS =
  'expected "latency" or "multi-turn" or "batch" or "concurrency" or "open-loop" or "trace" or "context" or "soak" or "quality"'
const SHA = "a".repeat(64)
const source = (text: string) => CONFIG.replace(PATH, `source: ${text}`)
const SYNTHETIC =
  "{ synthetic: { format: gguf, architecture: llama, layers: 32, hiddenSize: 4096, feedForward: 14336, heads: 32, kvHeads: 8, vocabulary: 32000, contextLength: 8192, quantization: Q4_K_M } }"
const synthetic = (part: string, other: string) => SYNTHETIC.replace(part, other)
const scenario = (text: string) => CONFIG.replace(SCENARIO, text)

/** Texts with a part that may have several shapes, and all that is said of each. */
const WRONG: Record<string, readonly [text: string, ...said: ReadonlyArray<string>]> = {
  "a misspelt source": [
    source("{ pth: demo.gguf }"),
    '3:11: source.pth: unknown key; did you mean "path"?',
    "3:1: source.path: is missing",
  ],
  "a source of both kinds": [
    source("{ path: a.gguf, file: b }"),
    "3:25: source.file: unknown key; available: path, sha256",
  ],
  "a source that is no map": [
    source("demo.gguf"),
    '3:9: source: expected keys with values (path, sha256) or keys with values (packages, file, sha256) or keys with values (quantized) or keys with values (synthetic) or keys with values (hub, file, revision) or keys with values (served), found "demo.gguf"',
  ],
  "a package without what pins it": [
    source("{ packages: [{ name: a, version: 1 }], file: f }"),
    "3:42: source.packages[0].version: expected a text, found 1",
    "3:22: source.packages[0].sha256: is missing",
  ],
  "no packages": [
    source("{ packages: [], file: f }"),
    "3:11: source.packages: expected a list with at least one item, found []",
  ],
  "a wrong hash": [
    source("{ path: a.gguf, sha256: abc }"),
    '3:33: source.sha256: expected a SHA-256: 64 hexadecimal digits, found "abc"',
  ],
  "a shape without its format": [
    source("{ synthetic: { architecture: llama } }"),
    '3:11: source.synthetic.format: is missing; expected "gguf" or "safetensors"',
  ],
  "a shape with a misspelt key": [
    source(synthetic("kvHeads: 8", "kvHead: 8")),
    '3:120: source.synthetic.kvHead: unknown key; did you mean "kvHeads"?',
  ],
  "a quantization that is not known": [
    source(synthetic("Q4_K_M", "Q4_K_N")),
    '3:186: source.synthetic.quantization: expected "F32" or "F16" or "BF16" or "Q8_0" or "Q6_K" or "Q5_K_M" or "Q5_K_S" or "Q5_0" or "Q4_K_M" or "Q4_0" or "Q3_K_M" or "Q2_K", found "Q4_K_N"; did you mean "Q4_K_M"?',
  ],
  "a quantized source of another kind": [
    source("{ quantized: { from: { hub: me/model }, to: Q8_0 } }"),
    "3:32: source.quantized.from.hub: unknown key; available: path, sha256",
    "3:24: source.quantized.from.path: is missing",
  ],
  "sizes that don't go together": [
    source(synthetic("kvHeads: 8", "kvHeads: 5, depth: 33, expertsUsed: 2")),
    "3:139: source.synthetic.depth: expected no more than the model's 32 layers, found 33",
    "3:129: source.synthetic.kvHeads: expected a divisor of 32 heads, found 5",
    "3:156: source.synthetic.expertsUsed: expected a number of experts, no more than 0, found 2",
  ],
  "a repository that is none": [
    source("{ hub: llama, file: ../x.gguf }"),
    '3:16: source.hub: expected a repository: owner/name, found "llama"',
    '3:29: source.file: expected a path that stays inside the source, found "../x.gguf"',
  ],
  "a plan without a use": [
    `${CONFIG}planned: { priority: soon }\n`,
    '8:22: planned.priority: expected "high" or "normal" or "low", found "soon"',
    "8:1: planned.use: is missing",
  ],
  "a scenario of unknown kind": [
    scenario("{ kind: latancy, prompts: p }"),
    `7:13: scenarios[0].kind: ${KINDS}, found "latancy"; did you mean "latency"?`,
  ],
  "a scenario of a kind unlike any": [
    scenario("{ kind: throughput, prompts: p }"),
    `7:13: scenarios[0].kind: ${KINDS}, found "throughput"`,
  ],
  "a scenario without a kind": [scenario("{ prompts: p }"), `7:5: scenarios[0].kind: is missing; ${KINDS}`],
  "a key of the other kind of scenario": [
    scenario("{ kind: latency, prompts: p, documents: 3 }"),
    "7:34: scenarios[0].documents: unknown key; available: kind, prompts, requests, outputTokens, cache",
  ],
  "a ramp that does not rise": [
    scenario("{ kind: concurrency, prompts: p, streams: { from: 4, to: 4, times: 1.001 } }"),
    "7:62: scenarios[0].streams.to: expected more than from 4, found 4",
  ],
  "a ramp of too many rungs": [
    scenario("{ kind: open-loop, prompts: p, rate: { from: 0.5, to: 64, times: 1.01 } }"),
    "7:70: scenarios[0].rate.times: expected at most 64 rungs, found a step of 1.01",
  ],
  "a ramp's unknown key": [
    scenario("{ kind: concurrency, prompts: p, streams: { from: 1, to: 4, step: 2 } }"),
    "7:65: scenarios[0].streams.step: unknown key; available: from, to, times, gain, good",
  ],
  "a file outside of the workspace": [
    scenario("{ kind: latency, prompts: { file: ../secret.jsonl } }"),
    '7:39: scenarios[0].prompts.file: expected a path inside the workspace, from its root, found "../secret.jsonl"',
  ],
  "a trace without its file, and an odd speed": [
    scenario("{ kind: trace, speed: 0 }"),
    "7:5: scenarios[0].file: is missing",
    "7:27: scenarios[0].speed: expected a value greater than 0, found 0",
  ],
  "a retry that is none": [
    scenario("{ kind: concurrency, prompts: p, streams: 1, retry: { attempts: 0 } }"),
    "7:69: scenarios[0].retry.attempts: expected a value greater than 0, found 0",
  ],
  "trials without an end, and warm-ups that can't agree": [
    `${CONFIG}protocol: { trials: { min: 10, max: 8, within: 0.02 }, warmup: { max: 2, within: 0.02 } }\n`,
    "8:71: protocol.warmup.max: expected a value greater than or equal to 3, found 2",
    "8:37: protocol.trials.max: expected min 10 or more, found 8",
  ],
  "trials that are sure of too little": [
    `${CONFIG}protocol: { trials: { min: 3, max: 8, within: 2 } }\n`,
    "8:28: protocol.trials.min: expected a value greater than or equal to 6, found 3",
    "8:47: protocol.trials.within: expected a value between 0.001 and 0.5, found 2",
  ],
  "a scenario with missing keys": [
    scenario("{ kind: batch, prompts: p }"),
    "7:5: scenarios[0].documents: is missing",
    "7:5: scenarios[0].batchSize: is missing",
  ],
  "no scenarios": [
    CONFIG.replace(/scenarios[^]*/, "scenarios: []\n"),
    "6:1: scenarios: expected a list with at least one item, found []",
  ],
  "a placement that is no text": [
    `${CONFIG}placement: 3\n`,
    "8:12: placement: expected a text or keys with values (strategy, devices, split, degree) or a list, found 3",
  ],
  "an empty placement": [`${CONFIG}placement: ''\n`, '8:12: placement: expected a non-empty text, found ""'],
  "no placements": [`${CONFIG}placement: []\n`, "8:1: placement: expected a list with at least one item, found []"],
  "an empty placement of a list": [
    `${CONFIG}placement: [auto, '']\n`,
    '8:19: placement[1]: expected a non-empty text, found ""',
  ],
}

describe("ModelConfig", () => {
  for (const [what, [text, ...said]] of Object.entries(WRONG))
    it(`reports ${what}`, () => {
      assert.deepStrictEqual(
        issuesOf(text, ModelConfig),
        said.map((line) => `demo.yaml:${line}`),
      )
    })

  it("takes every shape that it has", () => {
    const pinned = `{ name: a, version: '1', sha256: ${SHA} }`
    for (const text of [
      source(`{ path: a.gguf, sha256: ${SHA} }`),
      source(SYNTHETIC),
      source("{ hub: owner/name.v1, file: q4/model.gguf, revision: v1.0 }"),
      source(synthetic("layers: 32", "layers: 32, depth: 2, keyLength: 96, experts: 8, expertsUsed: 2")),
      source(synthetic("gguf", "safetensors").replace("Q4_K_M", "BF16")),
      `${CONFIG}planned: { use: Trying it out, strategy: Two GPUs }\n`,
      source(`{ packages: [${pinned}], file: f }`),
      source(`{ packages: [${pinned}, ${pinned}], file: [f.part0, f.part1], sha256: ${SHA} }`),
      scenario("{ kind: batch, prompts: p, documents: 3, batchSize: 2 }"),
      scenario("{ kind: batch, prompts: p, documents: 3, batchSize: [1, 2] }"),
      scenario("{ kind: concurrency, prompts: p, streams: [1, 8], slo: { ttft: 500, tpot: 50, e2e: 9000 } }"),
      scenario("{ kind: concurrency, prompts: { tokens: 512 }, streams: 8, requests: 9, cache: repeated, seed: 2 }"),
      scenario("{ kind: open-loop, prompts: p, rate: [0.5, 2], arrivals: constant, requests: 10 }"),
      scenario("{ kind: open-loop, prompts: { tokens: { distribution: uniform, min: 1, max: 9 } }, rate: 3 }"),
      scenario("{ kind: context }"),
      scenario("{ kind: context, depth: [512, 1024], outputTokens: 8 }"),
      scenario(
        "{ kind: soak, prompts: p, streams: 2, seconds: 60, outputTokens: { distribution: lognormal, mean: 128, sd: 40, max: 512 } }",
      ),
      `${CONFIG}placement: [auto, cpu, 'cuda:0']\nlicense: MIT\nprotocol: { trials: 1, warmup: 0 }\n`,
    ])
      assert.deepStrictEqual(issuesOf(text, ModelConfig), [], text)
  })

  it("fills in what is left out", () => {
    const { placement, protocol, scenarios } = Schema.decodeUnknownSync(ModelConfig)({
      name: "Demo",
      task: "generate",
      source: { path: "demo.gguf" },
      backends: {},
      scenarios: [{ kind: "latency", prompts: "short-chat" }],
    })
    assert.strictEqual(placement, "auto")
    assert.deepStrictEqual(scenarios[0], { kind: "latency", prompts: "short-chat", requests: 2, outputTokens: 128 })
    assert.deepStrictEqual(protocol, {
      warmup: 3,
      trials: 10,
      openTimeoutMs: 600_000,
      requestTimeoutMs: 300_000,
      stallTimeoutMs: 120_000,
    })
    assert.deepStrictEqual(Schema.decodeUnknownSync(Protocol)({ trials: 2 }), { ...protocol, trials: 2 })
  })
})
