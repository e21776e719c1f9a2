import { DEFAULT } from "@rigbook/runner"
import { assert, describe, it } from "vitest"
import { type Base, tryConfig } from "../../src/tune/TryConfig.ts"

const base: Base = {
  config: {
    name: "A model",
    task: "generate",
    planned: { use: "later" },
    source: { path: "../files/a.gguf" },
    backends: { llamacpp: { threads: 3, kvCache: "q8_0" }, vllm: {} },
    scenarios: [{ kind: "latency", prompts: "short-chat" }],
    protocol: { warmup: 5, trials: 40, stallTimeoutMs: 1000 },
  },
  folder: "/w/models/configs",
  backend: "llamacpp",
  options: { context: 8192 },
  sources: new Map<string, object>([
    ["F16", { path: "../files/a.gguf" }],
    ["Q4_0", { quantized: { from: { path: "../files/a.gguf" }, to: "Q4_0" } }],
  ]) as Base["sources"],
  placements: new Map([["layer: cuda:0 + cuda:1", { strategy: "layer", devices: ["cuda:0", "cuda:1"] }]]),
}
const of = { folder: "/w/benchmarks/results/tune/a/configs", name: "A model: x", scenarios: base.config["scenarios"] }

describe("the config of a try", () => {
  it("leaves a knob at its default to the engine, and keeps what does not vary", () => {
    const config = tryConfig(base, { kvCache: DEFAULT, ubatch: 256 }, { ...of, trials: 3 })
    assert.deepStrictEqual(config["backends"], { llamacpp: { threads: 3, context: 8192, ubatch: 256 } })
    assert.deepStrictEqual(config["protocol"], { warmup: 1, trials: 3, stallTimeoutMs: 1000 })
    assert.notProperty(config, "planned")
  })

  it("finds the model's file from its own folder", () => {
    const path = "../../../../../models/files/a.gguf"
    assert.deepStrictEqual(tryConfig(base, {}, of)["source"], { path })
    assert.deepStrictEqual(tryConfig(base, { quantization: "Q4_0" }, of)["source"], {
      quantized: { from: { path }, to: "Q4_0" },
    })
    assert.deepStrictEqual(tryConfig(base, {}, { ...of, folder: base.folder })["source"], { path: "../files/a.gguf" })
  })

  it("is placed as the knob says, and measured as its model's config says where nothing else is given", () => {
    const config = tryConfig(base, { placement: "layer: cuda:0 + cuda:1" }, of)
    assert.deepStrictEqual(config["placement"], { strategy: "layer", devices: ["cuda:0", "cuda:1"] })
    assert.deepStrictEqual(config["protocol"], base.config["protocol"])
    assert.notProperty(tryConfig(base, { placement: DEFAULT }, of), "placement")
  })
})
