import { assert, describe, it } from "@effect/vitest"
import {
  CPU,
  cpu,
  type Host,
  type ModelFacts,
  type Placement,
  placementName,
  type PlacementRequest,
  Scenario,
  type Strategy,
} from "@rigbook/core"
import { resolvePlacement } from "@rigbook/runner"
import { Result, Schema } from "effect"
import { bytesPerGpu, demand } from "../src/Demand.ts"
import { remoteDevices } from "../src/Nodes.ts"
import type { Options } from "../src/Options.ts"
import { demandOf } from "../src/PlacedDemand.ts"
import { expert, pipeline, replicas, single, strategies, tensor } from "../src/Strategies.ts"
import { GIB, gpuId, host, model, nodes } from "./Model.ts"
import { options } from "./Options.ts"

const scenario = Schema.decodeUnknownSync(Scenario)({ kind: "latency", prompts: "p" })
const demandOn = (on: Host, facts: ModelFacts, config: Options) => (placement: Placement) =>
  demandOf({ model: facts, config, scenario, placement, host: on })

const place = (
  strategy: Strategy<Options>,
  on: Host,
  given: typeof Options.Encoded = {},
  facts: ModelFacts = model({ heads: 8, kvHeads: 4 }),
) => {
  const config = options(given)
  const all = demand(facts, config, "generate")
  return strategy.place({ host: on, model: facts, demand: all, demandOf: demandOn(on, facts, config), config })
}
const placed = (...input: Parameters<typeof place>): ReadonlyArray<Placement> => Result.getOrThrow(place(...input))
/** What a config's `placement` comes to: its name, or the reason why not. */
const placedAs = (
  requested: PlacementRequest,
  on: Host,
  given: typeof Options.Encoded = {},
  facts: ModelFacts = model({ heads: 8, kvHeads: 4 }),
): string => {
  const config = options(given)
  const whole = on.with([...on.devices.slice(1), ...remoteDevices(config)])
  const all = demand(facts, config, "generate")
  const input = { host: whole, model: facts, demand: all, demandOf: demandOn(whole, facts, config), config }
  return Result.match(resolvePlacement(requested, input, strategies), {
    onFailure: (reason) => reason.replace("no placement is possible: ", ""),
    onSuccess: placementName,
  })
}
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
    "place on the processor in exactly as many processes as requested, if their memory is there",
    {
      degree: Schema.Int.check(Schema.isBetween({ minimum: 2, maximum: 12 })),
      heads: Count,
      experts: Count,
      gib: Count,
    },
    ({ degree, experts, gib, heads }) => {
      const facts = model({ heads, kvHeads: heads, experts, weightBytes: gib * GIB, bitsPerWeight: 8 })
      const config = options({ kvCacheBytes: GIB })
      const needed = demand(facts, config, "generate")
      const demandOf = demandOn(host([]), facts, config)
      const input = { host: host([]), model: facts, demand: needed, demandOf, config, degree, exactly: true } as const
      for (const strategy of strategies) {
        const found = strategy.place(input)
        if (Result.isFailure(found) || strategy.id === "cpu") continue
        assert.include(["tensor", "replicas", "expert"], strategy.id)
        assert.lengthOf(found.success, 1)
        assert.deepInclude(found.success[0], { strategy: strategy.id, devices: [CPU], degree })
        assert.isAtMost(degree, 8)
        if (strategy.id !== "replicas") assert.strictEqual(heads % degree, 0)
        if (strategy.id === "expert") assert.isAtLeast(experts, degree)
        // Each process has at least a KV cache of its own, and each replica the weights, too.
        assert.isAtMost(degree * GIB + (strategy.id === "replicas" ? degree : 1) * gib * GIB, 32 * GIB)
      }
    },
  )

  it.prop(
    "place on distinct devices of the host that hold their part, the same every time",
    {
      gpus: Gpus,
      heads: Count,
      layers: Count,
      experts: Count,
      weights: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 90 * GIB })),
    },
    ({ experts, gpus, heads, layers, weights }) => {
      const facts = model({
        heads,
        layers,
        experts,
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
          if (id === "tensor" || id === "expert") assert.strictEqual(heads % devices.length, 0)
          if (id === "expert") assert.isAtLeast(experts, devices.length)
          if (id === "pipeline") assert.isAtLeast(layers, devices.length)
          if (id === "cpu") continue
          assert.strictEqual(devices.length > 1, id !== "single")
          const shares = id === "replicas" ? 1 : devices.length
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

  it("refuses a model that is larger than the share", () => {
    assert.include(
      refusal(single, two, {}, model({ weightBytes: 30 * GIB })),
      "on each GPU, vLLM may take 22.08 GiB of GPU",
    )
  })
})

describe("tensor", () => {
  it("takes as few like GPUs as hold the model", () => {
    assert.deepStrictEqual(sizes(placed(tensor, four)), [2, 4])
    assert.deepStrictEqual(sizes(placed(tensor, four, {}, model({ heads: 8, kvHeads: 8, weightBytes: 60 * GIB }))), [4])
  })

  it("says why not", () => {
    assert.strictEqual(refusal(tensor, two, {}, model({ heads: 9 })), "9 attention heads can't be divided by 2")
    const unlike = host([FREE, FREE], 24 * GIB, ["A", "B"])
    assert.strictEqual(refusal(tensor, unlike), "this host has no two GPUs of one kind")
  })
})

describe("pipeline and replicas", () => {
  it("split what heads can't, as long as there are layers", () => {
    assert.deepStrictEqual(sizes(placed(pipeline, four, {}, model({ heads: 9 }))), [2, 3, 4])
    assert.strictEqual(refusal(pipeline, two, {}, model({ layers: 1 })), "1 layers are fewer than 2 GPUs")
  })

  it("repeat the model on as many GPUs as there are", () => {
    assert.deepStrictEqual(sizes(placed(replicas, four)), [4, 3, 2])
    assert.include(refusal(replicas, two, {}, model({ weightBytes: 30 * GIB })), "vLLM may take")
  })
})

describe("a placement that a config names", () => {
  const all = ["cuda:0", "cuda:1", "cuda:2"] as const

  it("is on all of its devices, or tells why it can't be", () => {
    assert.strictEqual(placedAs({ strategy: "tensor", devices: ["cuda:1", "GPU-3"] }, four), "tensor: GPU-1 + GPU-3")
    assert.strictEqual(
      placedAs({ strategy: "tensor", devices: all }, four),
      "tensor: 8 attention heads can't be divided by 3",
    )
    assert.strictEqual(placedAs({ strategy: "pipeline", devices: all }, four), "pipeline: GPU-0 + GPU-1 + GPU-2")
    assert.strictEqual(placedAs({ strategy: "replicas", devices: all }, four), "replicas: GPU-0 + GPU-1 + GPU-2")
    assert.strictEqual(placedAs({ strategy: "tensor", devices: ["cuda:0"] }, four), "tensor: it needs 2 GPUs or more")
    const unlike = host([FREE, FREE, FREE], 24 * GIB, ["A", "A", "B"])
    assert.strictEqual(
      placedAs({ strategy: "replicas", devices: all }, unlike),
      "replicas: the GPUs differ: A, 24.00 GiB; B, 24.00 GiB",
    )
  })

  it("has a degree on the processor, and there only", () => {
    assert.strictEqual(placedAs({ strategy: "tensor", devices: ["cpu"], degree: 2 }, two), "tensor: cpu (2 processes)")
    assert.strictEqual(
      placedAs({ strategy: "replicas", devices: ["cpu"], degree: 2 }, two),
      "replicas: cpu (2 processes)",
    )
    assert.strictEqual(
      placedAs({ strategy: "tensor", devices: ["cpu"] }, two),
      "tensor: on cpu set degree to the number of processes",
    )
    assert.include(placedAs({ strategy: "tensor", devices: all, degree: 2 }, four), "a degree is only for cpu")
    assert.include(placedAs({ strategy: "cpu", devices: ["cpu"], degree: 2 }, two), "takes no degree")
    assert.include(placedAs({ strategy: "pipeline", devices: ["cpu"], degree: 2 }, two), "ends at the first request")
  })

  it("counts what each of several processes needs, and refuses more than there are cores or heads for", () => {
    const many = model({ heads: 16 })
    const on = (degree: number, given: typeof Options.Encoded = {}) =>
      placedAs({ strategy: "tensor", devices: ["cpu"], degree }, host([]), given, many)
    assert.strictEqual(on(3), "tensor: 16 attention heads can't be divided by 3")
    assert.include(on(16), "this processor has 8")
    assert.include(on(8, { kvCacheBytes: 4 * GIB }), "host memory has 32.00")
  })
})

describe("expert", () => {
  it("spreads the experts of a mixture, and of nothing else", () => {
    const mixture = model({ heads: 8, kvHeads: 8, experts: 3 })
    assert.deepStrictEqual(sizes(placed(expert, four, {}, mixture)), [2])
    assert.strictEqual(
      placedAs({ strategy: "expert", devices: ["cuda:0", "cuda:1", "cuda:2", "cuda:3"] }, four, {}, mixture),
      "expert: 3 experts are fewer than 4 processes",
    )
    assert.strictEqual(refusal(expert, four), "the model is not a mixture of experts")
  })
})

describe("nodes", () => {
  const devices = ["cuda:0", "10.0.0.2/0"] as const

  it("puts ranges of layers on machines with as many GPUs each", () => {
    assert.strictEqual(
      placedAs({ strategy: "nodes", devices }, two, { nodes }, model({ heads: 9 })),
      "nodes: GPU-0 + 10.0.0.2/0",
    )
  })

  it("says why not", () => {
    const on = (names: PlacementRequest & object, given: typeof Options.Encoded = {}, facts?: ModelFacts) =>
      placedAs(names, two, given, facts)
    assert.strictEqual(on({ strategy: "nodes", devices: ["cuda:0"] }), "nodes: backends.vllm names no nodes")
    assert.include(
      on({ strategy: "nodes", devices: ["cuda:0", "cuda:1", "10.0.0.2/0"] }, { nodes }),
      "the same number of GPUs, they have 2, 1",
    )
    assert.include(on({ strategy: "nodes", devices: ["10.0.0.2/0"] }, { nodes }), "no GPU of this host")
    assert.include(on({ strategy: "nodes", devices }, { nodes }, model({ layers: 1 })), "1 layers are fewer than 2")
    assert.include(
      on({ strategy: "nodes", devices }, { nodes }, model({ weightBytes: 60 * GIB })),
      "vLLM may take 22.08",
    )
  })

  it("takes the machines of a unit, on GPUs or on their processors, and says how many", () => {
    const on = (devices: readonly [string, ...ReadonlyArray<string>], count: number, gpus?: number) =>
      placedAs({ strategy: "nodes", devices }, two, { nodes: { count, ...(gpus === undefined ? {} : { gpus }) } })
    assert.strictEqual(on(["cuda:0", "node2/0"], 2, 1), "nodes: GPU-0 + node2/0 (2 nodes)")
    assert.strictEqual(
      on(["cuda:0", "cuda:1", "node2/0", "node2/1", "node3/0", "node3/1"], 3, 2),
      "nodes: GPU-0 + GPU-1 + node2/0 + node2/1 + node3/0 + node3/1 (3 nodes)",
    )
    assert.include(on(["cuda:0", "cuda:1", "node2/0"], 2, 1), "the same number of GPUs, they have 2, 1")
    assert.strictEqual(on(["cpu"], 2), "nodes: cpu (2 nodes)")
    assert.include(on(["cpu"], 3), "8 attention heads can't be divided by 3")
    assert.include(on(["cuda:0"], 2), "set nodes.gpus")
  })

  it("is nothing that auto tries", () => {
    assert.strictEqual(placedAs("auto", two, { nodes }), "single: GPU-0")
  })
})
