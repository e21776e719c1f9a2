import { CPU, Demand, DeviceId, ModelFacts, type Placement, type StrategyInput } from "@rigbook/core"
import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { experts } from "../src/Experts.ts"
import { loadsOf, slotBytes } from "../src/Layers.ts"
import type { Options } from "../src/Options.ts"
import { rpcDevice } from "../src/Rpc.ts"
import { strategies } from "../src/Strategies.ts"
import { gpu, hostWith, MIB, options, weightsOnly } from "./hosts.ts"
import { smollm2 } from "./smollm2.ts"

const LAYERS = 8
/** 8 layers of 10 MiB, 8 of them in experts but for the first, which has none; 5 MiB each at the input and output. */
const mixture = new ModelFacts(
  Object.assign({}, smollm2, {
    layers: LAYERS,
    weightBytes: 90 * MIB,
    tensorBytes: {
      input: 5 * MIB,
      layers: Array.from({ length: LAYERS }, () => 10 * MIB),
      experts: Array.from({ length: LAYERS }, (_, layer) => (layer === 0 ? 0 : 8 * MIB)),
      output: 5 * MIB,
      tied: false,
    },
  }),
)

const input = (free: number, change: Partial<StrategyInput<Options>> = {}): StrategyInput<Options> => ({
  host: hostWith([gpu(0, free * MIB)]),
  model: mixture,
  demand: new Demand({ parts: [{ name: "weights", bytes: mixture.weightBytes, basis: "exact", formula: "a test's" }] }),
  demandOf: weightsOnly(change.model ?? mixture),
  config: options(),
  ...change,
})
const only = (placed: ReturnType<typeof experts.place>): Placement => Result.getOrThrow(placed)[0]
const why = (placed: ReturnType<typeof experts.place>): string => Result.getOrThrow(Result.flip(placed)).reason

describe("experts", () => {
  it("leaves to the processor the experts of as few layers as need be", () => {
    for (const free of [30, 40, 55, 70, 84]) {
      const { devices, expertLayers = 0 } = only(experts.place(input(free)))
      assert.deepStrictEqual(devices, [DeviceId.make("GPU-0"), CPU])
      const held = (layers: number) => loadsOf(slotBytes(mixture, layers)!, LAYERS + 1, [1])[0]!.bytes
      assert.isAtMost(held(expertLayers), free * MIB)
      assert.isAbove(held(expertLayers - 1), free * MIB)
    }
  })

  it("leaves as many as configured", () => {
    assert.strictEqual(only(experts.place(input(99, { config: options({ expertLayers: 3 }) }))).expertLayers, 3)
    const remote = hostWith([rpcDevice("127.0.0.1:50052")])
    assert.strictEqual(
      only(experts.place(input(0, { host: remote, config: options({ expertLayers: 8 }) }))).expertLayers,
      8,
    )
  })

  it("is what auto takes when whole layers don't fit, before it leaves those to the processor", () => {
    const first = strategies.find(({ onlyNamed, place }) => onlyNamed !== true && Result.isSuccess(place(input(60))))
    assert.strictEqual(first, experts)
  })

  it("says why it can't", () => {
    assert.include(why(experts.place(input(60, { model: smollm2 }))), "the model has no experts")
    assert.strictEqual(
      why(experts.place(input(20))),
      "even with the experts of 8 of 8 layers on the cpu: needs 0.03 GiB, GPU 0 has 0.02 GiB free: 0.01 GiB too little",
    )
    assert.include(why(experts.place(input(99))), "use strategy single or layer")
    assert.include(why(experts.place(input(60, { host: hostWith([]) }))), "no GPU and no RPC server")
    assert.include(
      why(experts.place(input(60, { host: hostWith([rpcDevice("127.0.0.1:50052")]) }))),
      "set expertLayers",
    )
    assert.include(why(experts.place(input(60, { config: options({ expertLayers: 9 }) }))), "the model has 8 layers")
    assert.include(why(experts.place(input(60, { config: options({ gpuLayers: 2 }) }))), "request strategy offload")
    assert.include(
      why(experts.place(input(40, { host: hostWith([gpu(0, 40 * MIB)], 10 * MIB) }))),
      "host memory has 0.01 GiB free",
    )
  })
})
