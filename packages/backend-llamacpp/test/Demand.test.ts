import { ModelFacts } from "@rigbook/core"
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { demand } from "../src/Demand.ts"
import { Options } from "../src/Options.ts"

const smollm2 = {
  format: "gguf",
  architecture: "llama",
  parameters: 134_515_008,
  quantization: "Q4_1",
  bitsPerWeight: 5.74,
  weightBytes: 96_576_768,
  fileBytes: 98_362_432,
  layers: 30,
  contextLength: 8192,
  hiddenSize: 576,
  heads: 9,
  kvHeads: 3,
  keyLength: 64,
  valueLength: 64,
  vocabulary: 49_152,
  chatTemplate: true,
  sha256: "b179c952",
} as const

const MIB = 2 ** 20
const options = (given: object) => Schema.decodeUnknownSync(Options)(given)
const parts = (model: object, given: object) =>
  Object.fromEntries(
    demand(new ModelFacts({ ...smollm2, ...model }), options(given), "generate").parts.map((part) => [
      part.name,
      part.bytes,
    ]),
  )

describe("demand", () => {
  it("agrees with llama-server's log on SmolLM2: 92.10 MiB weights, 45.00 MiB KV cache at 2048", () => {
    const found = parts({}, { context: 2048 })
    assert.strictEqual((found["weights"]! / MIB).toFixed(2), "92.10")
    assert.strictEqual(found["KV cache"], 45 * MIB)
    // 15.51 MiB in the log: the heuristic has to lie above, but not by much.
    assert.isAbove(found["compute"]! / MIB, 15.51)
    assert.isBelow(found["compute"]! / MIB, 25)
  })

  it("agrees with the known 128 KiB a token of Llama 3.1 8B, whatever the slots", () => {
    const llama8b = { layers: 32, kvHeads: 8, keyLength: 128, valueLength: 128, hiddenSize: 4096, vocabulary: 128_256 }
    assert.strictEqual(parts(llama8b, { context: 8192 })["KV cache"], 8192 * 128 * 1024)
    assert.strictEqual(parts(llama8b, { context: 8192, parallel: 2 })["KV cache"], 2 * 8192 * 128 * 1024)
    assert.strictEqual(parts(llama8b, { context: 8192, kvCache: "q8_0" })["KV cache"], (8192 * 64 * 1024 * 34) / 32)
  })

  it("adds the attention scores when flash attention is off", () => {
    assert.strictEqual(parts({}, { context: 4096, flashAttention: "off" })["attention scores"], 4 * 9 * 512 * 4096)
    assert.notProperty(parts({}, {}), "attention scores")
  })

  it("counts a whole context a forward pass for embeddings", () => {
    const scenario = demand(new ModelFacts(smollm2), options({ context: 2048 }), "embed")
    assert.include(scenario.parts.find(({ name }) => name === "compute")!.formula, "ubatch 2048")
  })

  it("leaves out parts that the model has not", () => {
    assert.notProperty(parts({ architecture: "nomic-bert" }, {}), "KV cache")
  })

  it("shows the formula of each part", () => {
    for (const part of demand(new ModelFacts(smollm2), options({}), "generate").parts) assert.match(part.formula, /\d/)
  })
})
