import { CPU, Demand, type DeviceId, ModelFacts, type Placement, type StrategyInput } from "@rigbook/core"
import { assert, describe, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import { layout, loadsOf, slotBytes, slotsOf } from "../src/Layers.ts"
import type { Options } from "../src/Options.ts"
import { rpcDevice } from "../src/Rpc.ts"
import { strategies } from "../src/Strategies.ts"
import { gpu, hostWith, MIB, options, weightsOnly } from "./hosts.ts"
import { smollm2 } from "./smollm2.ts"

const Between = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))

/** Any host, model and demand; sizes such that each strategy finds room now and then. */
const Given = {
  free: Schema.Array(Between(0, 400)).check(Schema.isMaxLength(4)),
  hostFree: Between(0, 600),
  remotes: Between(0, 2),
  layers: Schema.Array(Between(1, 30)).check(Schema.isMinLength(1), Schema.isMaxLength(24)),
  /** How much of each layer its experts are, in percent; 0 for a model without. */
  experts: Between(0, 95),
  tied: Schema.Boolean,
  /** Whether the file tells where its bytes belong. */
  reported: Schema.Boolean,
  beside: Between(0, 200),
  gpuLayers: Schema.UndefinedOr(Between(0, 30)),
  expertLayers: Schema.UndefinedOr(Between(1, 30)),
  shares: Schema.Array(Between(1, 9)).check(Schema.isMaxLength(6)),
}
type Given = { readonly [K in keyof typeof Given]: (typeof Given)[K]["Type"] }

const INPUT = 20 * MIB
const OUTPUT = 3 * MIB

const modelOf = ({ experts, layers, tied, reported }: Given): ModelFacts => {
  const bytes = layers.map((mib) => mib * MIB)
  const { tensorBytes: _, ...facts } = smollm2
  return new ModelFacts({
    ...facts,
    layers: layers.length,
    weightBytes: bytes.reduce((sum, each) => sum + each, INPUT + OUTPUT),
    ...(reported
      ? {
          tensorBytes: {
            input: INPUT,
            layers: bytes,
            ...(experts === 0 ? {} : { experts: bytes.map((each) => Math.floor((each * experts) / 100)) }),
            output: OUTPUT,
            tied,
          },
        }
      : {}),
  })
}

const inputOf = (given: Given): StrategyInput<Options> => {
  const { beside, expertLayers, free, gpuLayers, hostFree, remotes, shares } = given
  const devices = [
    ...free.map((mib, index) => gpu(index, mib * MIB)),
    ...Array.from({ length: remotes }, (_, index) => rpcDevice(`127.0.0.1:${50_052 + index}`)),
  ]
  const model = modelOf(given)
  return {
    host: hostWith(devices, hostFree * MIB),
    model,
    demand: new Demand({
      parts: [
        { name: "weights", bytes: model.weightBytes, basis: "exact", formula: "given by the test" },
        { name: "beside", bytes: beside * MIB, basis: "formula", formula: "given by the test" },
      ],
    }),
    demandOf: weightsOnly(model, beside * MIB),
    config: options({
      ...(gpuLayers === undefined ? {} : { gpuLayers }),
      ...(expertLayers === undefined ? {} : { expertLayers }),
    }),
    ...(shares.length === devices.length && shares.length > 0 ? { split: shares } : {}),
  }
}

/** Bytes of weights that a placement puts on each device but the processor, at the least. */
const heldBy = ({ model }: StrategyInput<Options>, placement: Placement): Array<[DeviceId, number]> => {
  const devices = placement.devices.filter((id) => id !== CPU)
  if (devices.length === 0) return []
  const split = placement.split ?? devices.map(() => 1)
  const total = split.reduce((sum, share) => sum + share, 0)
  if (placement.strategy === "row" || placement.strategy === "tensor")
    return devices.map((id, index) => [id, (model.weightBytes * split[index]!) / total])
  const bytes = slotBytes(model, placement.expertLayers) ?? Array.from({ length: slotsOf(model) }, () => 0)
  const loads = loadsOf(bytes, placement.layers ?? bytes.length, split)
  assert.strictEqual(
    loads.reduce((sum, { slots }) => sum + slots, 0),
    Math.min(placement.layers ?? bytes.length, bytes.length),
    "each slot lies somewhere",
  )
  return devices.map((id, index) => [id, loads[index]!.bytes])
}

const free = ({ host }: StrategyInput<Options>, id: DeviceId): number =>
  host.devices.find((device) => device.id === id)!.freeBytes ?? Infinity

describe("every strategy", () => {
  it.prop("places on devices that there are, each once, with a share for each", Given, (given) => {
    const input = inputOf(given)
    const known = input.host.devices.map(({ id }) => id)
    for (const { id, place } of strategies)
      for (const { devices, split, strategy } of Result.getOrElse(place(input), () => [])) {
        assert.strictEqual(strategy, id)
        assert.includeMembers([...known], [...devices])
        assert.lengthOf(new Set(devices), devices.length)
        const shared = devices.filter((device) => device !== CPU)
        for (const device of shared) assert.match(device, /^(GPU-\d+|rpc:[\d.]+:\d+)$/)
        if (split === undefined) assert.isAtMost(shared.length, 1)
        else {
          assert.lengthOf(split, shared.length)
          assert.isTrue(split.every((share) => share > 0 && Number.isInteger(share)))
          if (input.split !== undefined) assert.deepStrictEqual(split, input.split)
        }
      }
  })

  it.prop("places nothing where it does not fit", Given, (given) => {
    const input = inputOf(given)
    for (const { place } of strategies)
      for (const placement of Result.getOrElse(place(input), () => [])) {
        const held = heldBy(input, placement)
        for (const [id, bytes] of held) assert.isAtMost(bytes, free(input, id), `${placement.strategy} on ${id}`)
        if (placement.strategy === "cpu") assert.isAtMost(input.demand.totalBytes, free(input, CPU))
        const predicted = layout(input.model, placement)
        if (predicted !== undefined)
          assert.deepStrictEqual(
            predicted.map(({ bytes, device }) => [device, bytes]),
            held,
          )
      }
  })

  it.prop("says the same of the same, and why not with the device, the figure or the option", Given, (given) => {
    for (const { id, place } of strategies) {
      const placed = place(inputOf(given))
      assert.deepStrictEqual(place(inputOf(given)), placed)
      if (Result.isSuccess(placed)) continue
      assert.strictEqual(placed.failure.strategy, id)
      assert.match(
        placed.failure.reason,
        /needs [\d.]+ GiB, .+ has [\d.]+ GiB free|would get none of \d+ layers|no GPU and no RPC server|this host has no GPU|is the only device|no experts|all experts fit|gpuLayers|expertLayers|can't hold parts/,
      )
    }
  })

  it.prop("comes before the processor alone, which is taken only when all others refuse", Given, (given) => {
    const input = inputOf(given)
    const tried = strategies.filter(({ onlyNamed }) => onlyNamed !== true)
    assert.strictEqual(tried.at(-1)!.id, "cpu")
    const first = tried.find(({ place }) => Result.isSuccess(place(input)))
    if (first?.id === "cpu")
      for (const { id, place } of tried.slice(0, -1)) assert.isTrue(Result.isFailure(place(input)), id)
  })
})
