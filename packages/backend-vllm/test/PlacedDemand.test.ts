import { assert, describe, it } from "@effect/vitest"
import { bytesOf, CPU, type DeviceDemand, Placement, Scenario } from "@rigbook/core"
import { Schema } from "effect"
import type { Options } from "../src/Options.ts"
import { demandOf } from "../src/PlacedDemand.ts"
import { GIB, gpuId, host, model } from "./Model.ts"
import { options } from "./Options.ts"

const scenario = Schema.decodeUnknownSync(Scenario)({ kind: "latency", prompts: "p" })
const two = host([23 * GIB, 23 * GIB])
const gpus = [gpuId(0), gpuId(1)] as const

const placed = (
  placement: ConstructorParameters<typeof Placement>[0],
  given: typeof Options.Encoded = {},
): ReadonlyArray<DeviceDemand> =>
  demandOf({
    model: model({ heads: 8, kvHeads: 4 }),
    config: options(given),
    scenario,
    placement: new Placement(placement),
    host: two,
  })
const part = ({ parts }: DeviceDemand, name: string) => parts.find((each) => each.name === name)!

describe("demandOf", () => {
  it("fills its share of a GPU with KV cache, and says how many tokens that holds", () => {
    const [gpu, beside] = placed({ strategy: "single", devices: [gpus[0]] })
    const memory = two.devices[1]!.memoryBytes!
    const taken = gpu!.parts.filter(({ name }) => name !== "margin")
    assert.strictEqual(bytesOf(taken), Math.ceil(0.92 * memory))
    // What is free besides is left alone: more than its share vLLM does not take.
    assert.strictEqual(bytesOf(gpu!.parts), two.devices[1]!.freeBytes)
    assert.match(part(gpu!, "KV cache").formula, /gpuMemoryUtilization 0.92 .* room for about \d+ tokens/)
    assert.deepStrictEqual([beside!.device, ...beside!.parts.map(({ name }) => name)], [CPU, "worker", "server"])
  })

  it("takes the size of the cache that was set, for each GPU", () => {
    for (const device of placed({ strategy: "tensor", devices: gpus }, { kvCacheBytes: 5 }).slice(0, 2))
      assert.strictEqual(part(device, "KV cache").bytes, 5)
  })

  it("shares weights between GPUs that split the model, and repeats them in replicas", () => {
    const weights = (strategy: string) => part(placed({ strategy, devices: gpus })[0]!, "weights").bytes
    assert.strictEqual(weights("tensor"), weights("replicas") / 2)
    assert.strictEqual(weights("pipeline"), weights("single") / 2)
  })

  it("has everything in host memory on the processor, a cache for each process", () => {
    const [one, ...none] = placed({ strategy: "cpu", devices: [CPU] })
    const [both] = placed({ strategy: "tensor", devices: [CPU], degree: 2 })
    const [copies] = placed({ strategy: "replicas", devices: [CPU], degree: 2 })
    assert.lengthOf(none, 0)
    assert.strictEqual(part(both!, "KV cache").bytes, 2 * part(one!, "KV cache").bytes)
    assert.strictEqual(part(both!, "weights").bytes, part(one!, "weights").bytes)
    assert.strictEqual(part(copies!, "weights").bytes, 2 * part(one!, "weights").bytes)
  })
})
