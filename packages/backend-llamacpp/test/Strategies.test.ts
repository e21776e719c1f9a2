import {
  bytesOf,
  CPU,
  cpu,
  type Device,
  DeviceId,
  ModelFacts,
  Placement,
  Scenario,
  type StrategyInput,
} from "@rigbook/core"
import { assert, describe, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import { demand, demandOf } from "../src/Demand.ts"
import type { Options } from "../src/Options.ts"
import { rpcDevice } from "../src/Rpc.ts"
import { sharesOf } from "../src/Split.ts"
import { layer, offload, single, strategies } from "../src/Strategies.ts"
import { row, tensor } from "../src/CutStrategies.ts"
import { GIB, gpu, hostWith, MIB, options } from "./hosts.ts"
import { smollm2 } from "./smollm2.ts"

const scenario = Schema.decodeUnknownSync(Scenario)({ kind: "latency", prompts: "p" })
const REMOTE = rpcDevice("127.0.0.1:50052")

const input = (
  devices: ReadonlyArray<Device>,
  change: Partial<StrategyInput<Options>> = {},
): StrategyInput<Options> => {
  const { config = options(), host = hostWith(devices), model = smollm2 } = change
  return {
    demand: demand(model, config, "generate"),
    demandOf: (placement) => demandOf({ model, config, scenario, placement, host }),
    config,
    host,
    model,
    ...change,
  }
}

const only = (placed: ReturnType<typeof layer.place>): Placement => Result.getOrThrow(placed)[0]
const why = (placed: ReturnType<typeof layer.place>): string => Result.getOrThrow(Result.flip(placed)).reason

describe("strategies", () => {
  it("are tried by auto from one device to none; matrices are cut only for those who ask", () => {
    assert.deepStrictEqual(
      strategies.map(({ id, onlyNamed }) => (onlyNamed === true ? `(${id})` : id)),
      ["single", "layer", "experts", "offload", "cpu", "(row)", "(tensor)"],
    )
    assert.strictEqual(strategies[4], cpu)
  })
})

describe("cpu", () => {
  const { types: _, ...facts } = smollm2
  const model = new ModelFacts({
    ...facts,
    types: [{ type: "Q4_0", tensors: 1, parameters: 1, bytes: smollm2.weightBytes }],
  })
  const parts = demandOf({
    model,
    config: options(),
    scenario,
    placement: new Placement({ strategy: "cpu", devices: [CPU] }),
    host: hostWith([]),
  })[0]!.parts
  const copies = bytesOf(parts.filter(({ name }) => name === "repacked weights"))

  it("does not refuse because of missing file pages that copies in another order stand in for", () => {
    assert.isAbove(copies, 0)
    const needed = bytesOf(parts) - copies
    assert.isTrue(Result.isSuccess(cpu.place(input([], { model, host: hostWith([], needed) }))))
    assert.isTrue(Result.isFailure(cpu.place(input([], { model, host: hostWith([], needed - 1) }))))
  })
})

describe("sharesOf", () => {
  it("follows free memory in whole GiB, and is equal where it is not known", () => {
    assert.deepStrictEqual(sharesOf([gpu(0, 30 * GIB), gpu(1, 10 * GIB)]), [3, 1])
    assert.deepStrictEqual(sharesOf([gpu(0, 30.2 * GIB), gpu(1, 29.8 * GIB)]), [1, 1])
    assert.deepStrictEqual(sharesOf([gpu(0, 31 * GIB), gpu(1, 0.1 * GIB)]), [31, 1])
    assert.deepStrictEqual(sharesOf([gpu(0, 30 * GIB), REMOTE]), [1, 1])
  })

  it.prop(
    "is proportional to free memory, to half a GiB",
    { free: Schema.NonEmptyArray(Schema.Int.check(Schema.isBetween({ minimum: GIB, maximum: 48 * GIB }))) },
    ({ free }) => {
      const shares = sharesOf(free.map((bytes, index) => gpu(index, bytes)))
      const gib = Math.max(...free.map((bytes, index) => Math.round(bytes / GIB) / shares[index]!))
      for (const [index, share] of shares.entries()) assert.isAtMost(Math.abs(share * gib - free[index]! / GIB), 0.5)
    },
  )
})

describe("layer", () => {
  it("takes the shares that are requested, else makes its own", () => {
    const two = [gpu(0, 30 * GIB), gpu(1, 10 * GIB)]
    assert.deepStrictEqual(only(layer.place(input(two))).split, [3, 1])
    assert.deepStrictEqual(only(layer.place(input(two, { split: [1, 4] }))).split, [1, 4])
    assert.deepStrictEqual(only(layer.place(input([REMOTE, gpu(0, 2 * GIB)]))).devices, [
      REMOTE.id,
      DeviceId.make("GPU-0"),
    ])
  })

  it("refuses what it can't split, and a device that is too small for its layers", () => {
    assert.strictEqual(why(layer.place(input([]))), "no GPU and no RPC server")
    assert.strictEqual(
      why(layer.place(input([REMOTE]))),
      "rpc:127.0.0.1:50052 is the only device, nothing to split over",
    )
    assert.match(
      why(layer.place(input([gpu(0, 2 * GIB), gpu(1, GIB)], { split: [1, 1] }))),
      /^needs 1\.\d\d GiB, GPU 1 has 1\.00 GiB free: \d\.\d\d GiB too little$/,
    )
    assert.strictEqual(
      why(layer.place(input([gpu(0, 2 * GIB), REMOTE], { split: [40, 1] }))),
      "rpc:127.0.0.1:50052 would get none of 31 layers",
    )
    const partly = input([gpu(0, GIB), gpu(1, GIB)], { config: options({ gpuLayers: 10 }) })
    for (const { place } of [single, layer, row, tensor]) assert.include(why(place(partly)), "request strategy offload")
  })
})

describe("offload", () => {
  it("puts on devices as many layers as fit", () => {
    for (const free of [50 * MIB, 60 * MIB, 75 * MIB, 90 * MIB]) {
      const device = gpu(0, GIB + free)
      const given = input([device])
      const placed = only(offload.place(given))
      const { devices, layers = 0 } = placed
      const need = (count: number) =>
        bytesOf(given.demandOf(new Placement({ strategy: "offload", devices, layers: count }))[0]!.parts)
      assert.deepStrictEqual(devices, [device.id, CPU])
      assert.isAtMost(need(layers), device.freeBytes!)
      assert.isAbove(need(layers + 1), device.freeBytes!)
    }
  })

  it("puts on devices as many as configured", () => {
    const placed = only(
      offload.place(input([REMOTE, gpu(0, 2 * GIB)], { config: options({ gpuLayers: 10 }), split: [1, 2] })),
    )
    assert.deepInclude(placed, { layers: 10, split: [1, 2], devices: [REMOTE.id, DeviceId.make("GPU-0"), CPU] })
  })

  it("says why it can't", () => {
    assert.strictEqual(why(offload.place(input([]))), "no GPU and no RPC server")
    assert.include(why(offload.place(input([REMOTE]))), "set gpuLayers")
    assert.include(why(offload.place(input([gpu(0, MIB)]))), "not one layer fits: needs")
    assert.include(why(offload.place(input([gpu(0, GIB)], { config: options({ gpuLayers: 0 }) }))), "that is cpu")
    const reported = input([gpu(0, GIB)], { config: options({ gpuLayers: 30 }) })
    assert.include(why(offload.place(reported)), "GPU 0 has 1.00 GiB free")
    const full = input([gpu(0, GIB + 60 * MIB)], { host: hostWith([gpu(0, GIB + 60 * MIB)], 10 * MIB) })
    assert.include(why(offload.place(full)), "host memory has 0.01 GiB free")
  })
})

describe("row and tensor", () => {
  const two = [gpu(0, 30 * GIB), gpu(1, 10 * GIB)]

  it("cut over GPUs of this machine, where llama.cpp still has it", () => {
    assert.deepStrictEqual(only(tensor.place(input(two))).split, [1, 1])
    assert.include(why(row.place(input(two))), "use strategy tensor or layer")
  })

  it("refuse what llama.cpp can't cut", () => {
    assert.include(why(row.place(input([REMOTE, gpu(0, GIB)]))), "use strategy layer")
    assert.include(why(row.place(input([gpu(0, GIB)]))), "to split over")
    assert.include(why(tensor.place(input([gpu(0, MIB), gpu(1, MIB)]))), "GPU 0 has 0.00 GiB free")
    assert.include(why(tensor.place(input(two, { config: options({ flashAttention: "off" }) }))), "flash attention")
    assert.include(why(tensor.place(input(two, { config: options({ kvCache: "q8_0" }) }))), "q8_0")
  })
})
