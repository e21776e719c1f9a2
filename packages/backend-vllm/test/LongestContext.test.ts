import { assert, describe, it } from "@effect/vitest"
import { bytesOf, complete, CPU, Scenario } from "@rigbook/core"
import { planModel } from "@rigbook/runner"
import { Schema } from "effect"
import { BLOCK, requestBytes } from "../src/KvCache.ts"
import { vllm } from "../src/Vllm.ts"
import { GIB, host, model } from "./Model.ts"
import { options } from "./Options.ts"

const MIB = 2 ** 20
const scenario = Schema.decodeUnknownSync(Scenario)({ kind: "latency", prompts: "p" })

/** Llama 3.1 70B in AWQ with groups of 128, by the headers of its tensors. */
const llama70b = model({
  layers: 80,
  hiddenSize: 8192,
  heads: 64,
  kvHeads: 8,
  vocabulary: 128_256,
  contextLength: 131_072,
  parameters: 70_553_706_496,
  quantization: "awq int4",
  weightBytes: 39_768_875_008,
  bitsPerWeight: (8 * 39_768_875_008) / 70_553_706_496,
})

describe("the plan of Llama 3.1 70B in AWQ on two RTX 5090", () => {
  const rig = host([31_588 * MIB, 31_588 * MIB], 32_109 * MIB)
  const { demand, fit, longestContext, placement } = planModel({
    backend: complete(vllm),
    options: options({}),
    model: llama70b,
    scenario,
    host: rig,
  })
  const gpus = demand.filter(({ device }) => device !== CPU)

  it("shares each layer, with 18.5 GiB of weights on each GPU", () => {
    assert.deepStrictEqual(fit, { kind: "fits" })
    assert.deepInclude("value" in placement ? placement.value : {}, { strategy: "tensor" })
    assert.lengthOf(gpus, 2)
    for (const { parts } of gpus) assert.closeTo(parts.find(({ name }) => name === "weights")!.bytes / GIB, 18.5, 0.05)
  })

  it("has the longest context whose one request goes into what vLLM takes, and not into all that is free", () => {
    const longest = "value" in longestContext ? longestContext.value : 0
    assert.isAbove(longest, 50_000)
    const others = gpus[0]!.parts.filter(({ name }) => !["KV cache", "margin"].includes(name))
    const room = Math.ceil(0.92 * 32_109 * MIB) - bytesOf(others)
    const needed = (tokens: number) => requestBytes(llama70b, options({}), tokens, BLOCK.gpu)!.bytes / 2
    assert.isAtMost(needed(longest), room)
    assert.isAbove(needed(longest + 256), room)
  })
})
