import { assert, describe, it } from "@effect/vitest"
import type { ModelFacts } from "@rigbook/core"
import { bytesPerGpu, demand } from "../src/Demand.ts"
import type { Options } from "../src/Options.ts"
import { GIB, model } from "./Model.ts"
import { options } from "./Options.ts"

const part = (name: string, given: typeof Options.Encoded = {}, facts: ModelFacts = model()) =>
  demand(facts, options(given), "generate").parts.find((each) => each.name === name)

describe("demand", () => {
  it("names its parts, and how each was arrived at", () => {
    const { parts } = demand(model(), options({}), "generate")
    assert.deepStrictEqual(
      parts.map(({ name }) => name),
      ["weights", "KV cache", "activations", "worker", "server"],
    )
    for (const { bytes, formula } of parts) {
      assert.isAbove(bytes, 0)
      assert.isNotEmpty(formula)
    }
  })

  it("takes weights as they are stored, or in the type that is requested", () => {
    assert.deepInclude(part("weights"), { bytes: 269_030_016, basis: "exact" })
    assert.deepInclude(part("weights", { dtype: "float32" }), { bytes: 134_515_008 * 4, basis: "formula" })
    const stored = model({ quantization: "F32", bitsPerWeight: 32, weightBytes: 538_060_032 })
    assert.deepInclude(part("weights", {}, stored), { bytes: 134_515_008 * 2, basis: "formula" })
    assert.deepInclude(part("weights", { dtype: "float16", quantization: "fp8" }), { basis: "exact" })
  })

  it("agrees with vLLM's own count of bytes for a token", () => {
    // serve-eager.log: 1 GiB holds 46,592 tokens in 364 blocks of 128.
    const { bytes } = part("KV cache", { maxModelLen: 8 * 8192 })!
    // One block is kept back, empty.
    const blocks = (8 * 8192) / 128 + 1
    assert.strictEqual(Math.floor(GIB / (bytes / blocks)), 364)
  })

  it("takes the size that is set, else 1 GiB or one longest request", () => {
    assert.deepInclude(part("KV cache", { kvCacheBytes: 5 }), { bytes: 5, basis: "exact" })
    assert.deepInclude(part("KV cache"), { bytes: GIB })
    const eight = part("KV cache", { maxModelLen: 131_072, kvCacheDtype: "fp8" })!.bytes
    assert.strictEqual(part("KV cache", { maxModelLen: 131_072 })!.bytes, 2 * eight)
    assert.isUndefined(part("KV cache", {}, model({ architecture: "bert" })))
  })

  it("gives each GPU its share of what is split, and the rest whole", () => {
    const all = demand(model(), options({}), "generate")
    const one = bytesPerGpu(all, { weights: 1, kv: 1 })
    assert.strictEqual(one, all.totalBytes - all.parts.find(({ name }) => name === "server")!.bytes)
    assert.strictEqual(one - bytesPerGpu(all, { weights: 2, kv: 4 }), 269_030_016 / 2 + 0.75 * GIB)
  })
})
