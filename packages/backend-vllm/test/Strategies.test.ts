import { assert, describe, it } from "@effect/vitest"
import { CPU, type Host, type ModelFacts, type Placement, type Strategy } from "@rigbook/core"
import { Result, Schema } from "effect"
import { bytesPerGpu, demand } from "../src/Demand.ts"
import type { Options } from "../src/Options.ts"
import { cpu, pipeline, replicas, single, strategies, tensor } from "../src/Strategies.ts"
import { GIB, gpuId, host, model } from "./Model.ts"
import { options } from "./Options.ts"

const place = (
  strategy: Strategy<Options>,
  on: Host,
  given: typeof Options.Encoded = {},
  facts: ModelFacts = model({ heads: 8, kvHeads: 4 }),
) => {
  const config = options(given)
  const all = demand(facts, config, "generate")
  const demandOf = () => []
  return strategy.place({ host: on, model: facts, demand: all, demandOf, config })
}
const placed = (...input: Parameters<typeof place>): ReadonlyArray<Placement> => Result.getOrThrow(place(...input))
const refusal = (...input: Parameters<typeof place>): string => Result.getOrThrow(Result.flip(place(...input))).reason
const sizes = (placements: ReadonlyArray<Placement>) => placements.map(({ devices }) => devices.length)

const FREE = 23 * GIB
const two = host([FREE, FREE])
const four = host([FREE, FREE, FREE, FREE])

const Bytes = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 24 * GIB }))
const Gpus = Schema.Array(Bytes).check(Schema.isMaxLength(5))
const Count = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 40 }))

describe("strategies", () => {
  it.prop(
    "place on distinct devices of the host that hold their part, the same every time",
    {
      gpus: Gpus,
      heads: Count,
      layers: Count,
      weights: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 90 * GIB })),
    },
    ({ gpus, heads, layers, weights }) => {
      const facts = model({
        heads,
        layers,
        kvHeads: heads,
        weightBytes: weights,
        parameters: weights,
        bitsPerWeight: 8,
      })
      const on = host(gpus)
      const given = { kvCacheBytes: GIB } as const
      for (const strategy of strategies) {
        const found = place(strategy, on, given, facts)
        assert.deepStrictEqual(place(strategy, host(gpus), given, facts), found)
        if (Result.isFailure(found)) {
          assert.isNotEmpty(found.failure.reason)
          continue
        }
        for (const { devices, strategy: id } of found.success) {
          assert.strictEqual(id, strategy.id)
          assert.strictEqual(new Set(devices).size, devices.length)
          if (id === "tensor") assert.strictEqual(heads % devices.length, 0)
          if (id === "pipeline") assert.isAtLeast(layers, devices.length)
          if (id === "cpu") continue
          assert.strictEqual(devices.length > 1, id !== "single")
          const shares = id === "tensor" || id === "pipeline" ? devices.length : 1
          const need = bytesPerGpu(demand(facts, options(given), "generate"), { weights: shares, kv: 1 })
          for (const device of devices)
            assert.isAtLeast(on.devices.find(({ id: own }) => own === device)!.freeBytes!, need)
        }
      }
    },
  )

  it("place nothing where there is no GPU, but on the processor", () => {
    for (const strategy of [single, tensor, pipeline, replicas])
      assert.strictEqual(refusal(strategy, host([])), "this host has no GPU")
    assert.deepStrictEqual(
      placed(cpu, host([])).map(({ devices }) => devices),
      [[CPU]],
    )
  })
})

describe("single", () => {
  it("takes the GPU with most free memory first", () => {
    assert.deepStrictEqual(
      placed(single, host([22.5 * GIB, 23 * GIB])).map(({ devices }) => devices),
      [[gpuId(1)], [gpuId(0)]],
    )
  })

  it("refuses a GPU whose share for vLLM is not free, though the model is small", () => {
    assert.include(refusal(single, host([20 * GIB])), "vLLM takes 22.08 GiB (gpuMemoryUtilization 0.92), GPU has 20.00")
    assert.lengthOf(placed(single, host([20 * GIB]), { gpuMemoryUtilization: 0.5 }), 1)
    assert.lengthOf(placed(single, host([20 * GIB]), { kvCacheBytes: GIB }), 1)
  })

  it("refuses a model that is larger than the share, and a split that is asked for", () => {
    const large = model({ weightBytes: 30 * GIB })
    assert.include(refusal(single, two, {}, large), "on each GPU, vLLM may take 22.08 GiB of GPU")
    assert.strictEqual(refusal(single, two, { tensorParallel: 2 }), "the config asks for tensorParallel: 2")
  })
})

describe("tensor", () => {
  it("takes as few like GPUs as hold the model", () => {
    assert.deepStrictEqual(sizes(placed(tensor, four)), [2, 4])
    assert.deepStrictEqual(sizes(placed(tensor, four, {}, model({ heads: 8, kvHeads: 8, weightBytes: 60 * GIB }))), [4])
    assert.deepStrictEqual(sizes(placed(tensor, four, { tensorParallel: 4 })), [4])
  })

  it("says why not", () => {
    assert.strictEqual(refusal(tensor, two, {}, model({ heads: 9 })), "9 attention heads can't be divided by 2")
    assert.strictEqual(refusal(tensor, two, { tensorParallel: 3 }), "asked for 3 GPUs of one kind, this host has 2")
    const unlike = host([FREE, FREE], 24 * GIB, ["A", "B"])
    assert.strictEqual(refusal(tensor, unlike), "this host has no two GPUs of one kind")
    assert.strictEqual(refusal(tensor, two, { pipelineParallel: 2 }), "the config asks for pipelineParallel: 2")
    assert.strictEqual(refusal(tensor, two, { tensorParallel: 1 }), "the config asks for one GPU")
  })
})

describe("pipeline and replicas", () => {
  it("split what heads can't, as long as there are layers", () => {
    assert.deepStrictEqual(sizes(placed(pipeline, four, {}, model({ heads: 9 }))), [2, 3, 4])
    assert.strictEqual(refusal(pipeline, two, {}, model({ layers: 1 })), "1 layers are fewer than 2 GPUs")
  })

  it("repeat the model on as many GPUs as there are", () => {
    assert.deepStrictEqual(sizes(placed(replicas, four)), [4, 3, 2])
    assert.deepStrictEqual(sizes(placed(replicas, four, { replicas: 2 })), [2])
    assert.include(refusal(replicas, two, {}, model({ weightBytes: 30 * GIB })), "vLLM may take")
  })
})

describe("cpu", () => {
  it("counts what each of several processes needs, and refuses more than there are cores or heads for", () => {
    assert.strictEqual(refusal(cpu, host([]), { tensorParallel: 3 }), "8 attention heads can't be divided by 3")
    const many = model({ heads: 16 })
    assert.include(refusal(cpu, host([]), { tensorParallel: 16 }, many), "this processor has 8")
    assert.include(refusal(cpu, host([]), { tensorParallel: 8, kvCacheBytes: 4 * GIB }, many), "host memory has 32.00")
    assert.strictEqual(refusal(cpu, host([]), { replicas: 2 }), "the config asks for replicas: 2")
  })
})
