import { CPU, DeviceId, ModelFacts, Placement } from "@rigbook/core"
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { readEngineLog } from "../src/EngineLog.ts"
import { assignSlots, layout } from "../src/Layers.ts"
import { rpcId } from "../src/Rpc.ts"
import { recorded } from "./recorded.ts"
import { smollm2 } from "./smollm2.ts"

const [A, B] = [rpcId("127.0.0.1:50052"), rpcId("127.0.0.1:50053")]

/** Placements that were run, and their logs. */
const RUNS: Record<string, Placement> = {
  "placement-rpc-auto.log": new Placement({ strategy: "layer", devices: [A, B], split: [1, 1] }),
  "placement-rpc-ngl99-ts3-1.log": new Placement({ strategy: "layer", devices: [A, B], split: [3, 1] }),
  "placement-rpc-dev0-only.log": new Placement({ strategy: "single", devices: [A] }),
  "placement-rpc-ngl10.log": new Placement({ strategy: "offload", devices: [A, B, CPU], split: [1, 1], layers: 10 }),
}

describe("layout", () => {
  for (const [log, placement] of Object.entries(RUNS))
    it(`predicts what each device held in ${log}`, () => {
      const { buffers } = readEngineLog(recorded(log))
      const held = buffers
        .filter(({ device, kind }) => kind === "model" && device !== "CPU")
        .map(({ bytes, device }) => [device.replace(/^RPC\[(.+)\]$/, "rpc:$1"), (bytes / 2 ** 20).toFixed(2)])
      const predicted = layout(smollm2, placement)!.map(({ bytes, device }) => [device, (bytes / 2 ** 20).toFixed(2)])
      assert.deepStrictEqual(predicted, held)
    })

  it("predicts nothing where it does not know the rule", () => {
    assert.isUndefined(layout(smollm2, new Placement({ strategy: "cpu", devices: [CPU] })))
    assert.isUndefined(layout(smollm2, new Placement({ strategy: "row", devices: [A, B], split: [1, 1] })))
    const { tensorBytes: _untold, ...facts } = smollm2
    const single = new Placement({ strategy: "single", devices: [DeviceId.make("GPU-1")] })
    assert.isUndefined(layout(new ModelFacts(facts), single))
    assert.isUndefined(layout(new ModelFacts(Object.assign({}, smollm2, { layers: 31 })), single))
  })

  it("counts no table twice in an encoder, which has no output", () => {
    const encoder = new ModelFacts(Object.assign({}, smollm2, { architecture: "bert" }))
    const [held] = layout(encoder, new Placement({ strategy: "single", devices: [A] }))!
    assert.strictEqual(held!.bytes, 30 * 2_216_448 + 2304)
  })
})

const Count = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))

describe("assignSlots", () => {
  it.prop(
    "gives the last slots to devices in order, each within one of its share",
    { slots: Count(1, 130), onDevices: Count(0, 140), shares: Schema.NonEmptyArray(Count(1, 48)) },
    ({ onDevices, shares, slots }) => {
      const assigned = assignSlots(slots, onDevices, shares)
      const taken = Math.min(onDevices, slots)
      assert.lengthOf(assigned, slots)
      assert.deepStrictEqual(
        assigned,
        assigned.toSorted((a, b) => a - b),
      )
      assert.lengthOf(
        assigned.filter((device) => device === -1),
        slots - taken,
      )
      const total = shares.reduce((sum, share) => sum + share, 0)
      for (const [device, share] of shares.entries()) {
        const count = assigned.filter((found) => found === device).length
        assert.isAtMost(Math.abs(count - (taken * share) / total), 1.01)
      }
    },
  )
})
