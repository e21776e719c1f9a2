import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { CPU, Device, type DeviceDemand, DeviceId, Placement, Scenario } from "@rigbook/core"
import { Effect, Schema } from "effect"
import { demandOf } from "../src/Demand.ts"
import { fitDemand } from "../src/FitDemand.ts"
import { parseFit } from "../src/FitTool.ts"
import { Options } from "../src/Options.ts"
import { factsOf, type FitLine, fitLines } from "./FitRows.ts"
import { hostWith } from "./hosts.ts"

const MIB = 2 ** 20
const options = Schema.decodeUnknownSync(Options)
const scenario = Schema.decodeUnknownSync(Scenario)({ kind: "latency", prompts: "p" })
const GPUS = [0, 1].map(
  (index) =>
    new Device({ id: DeviceId.make(`GPU-${index}`), kind: "gpu", name: "RTX 5090", index, freeBytes: 31_588 * MIB }),
)
const host = hostWith(GPUS)

const mib = ({ parts }: DeviceDemand, ...names: ReadonlyArray<string>): number =>
  parts.filter(({ name }) => names.includes(name)).reduce((sum, { bytes }) => sum + bytes, 0) / MIB

const predicted = Effect.fnUntraced(function* ({ context, devices, kvCache, model }: FitLine) {
  const facts = yield* factsOf(model)
  const [first, ...rest] = GPUS.slice(0, devices.length - 1).map(({ id }) => id)
  const placement = new Placement({
    strategy: rest.length === 0 ? "single" : "layer",
    devices: [first!, ...rest],
    ...(rest.length === 0 ? {} : { split: [1, 1] }),
  })
  return { input: { model: facts, config: options({ context, kvCache }), scenario, placement, host }, placement }
})

describe("demandOf, from headers alone, against what llama-fit-params prints", () => {
  it("has all that was recorded", () => assert.lengthOf(fitLines, 96))

  it.layer(NodeServices.layer)((it) => {
    for (const row of fitLines)
      it.effect(row.name, () =>
        Effect.gen(function* () {
          const { input } = yield* predicted(row)
          const found = demandOf(input)
          assert.lengthOf(found, row.devices.length)
          for (const [index, [weights, context, compute]] of row.devices.entries()) {
            const device = found[index]!
            const host = device.device === CPU
            assert.closeTo(mib(device, "weights", "embedding"), weights, 1, "weights")
            assert.closeTo(mib(device, "KV cache"), context, 1, "KV cache")
            const bound = row.devices.length > 2 ? 0.02 * compute : 1
            assert.closeTo(mib(device, "compute", "compute reserve"), compute, bound, "compute")
            const total = weights + context + compute
            const all = mib(device, "weights", "embedding", "KV cache", "compute", "compute reserve")
            if (!host) assert.closeTo(all, total, (row.devices.length > 2 ? 0.03 : 0.01) * total, "all")
          }
        }),
      )
  })
})

describe("fitDemand", () => {
  it.layer(NodeServices.layer)((it) => {
    it.effect("says where the tool and our rule disagree by more than the bound", () =>
      Effect.gen(function* () {
        const row = fitLines[0]!
        const { input, placement } = yield* predicted(row)
        const named = placement.devices.map((id, index) => ({ id, name: `RPC${index}` }))
        const notes = (rows: ReturnType<typeof parseFit>) =>
          fitDemand(input, named, rows).flatMap(({ parts }) => parts.flatMap((part) => part.notes ?? []))
        const reported = parseFit(row.printed.join("\n"))
        assert.deepStrictEqual(notes(reported), [])
        const twice = reported.map((one) => (one.device === "RPC0" ? { ...one, context: 2 * one.context } : one))
        assert.lengthOf(notes(twice), 1)
        assert.match(notes(twice)[0]!, /^llama-fit-params says 2048 MiB of context, our rule 1024 MiB/)
      }),
    )

    for (const row of fitLines)
      it.effect(`comes to the tool's figures for ${row.name}`, () =>
        Effect.gen(function* () {
          const { input, placement } = yield* predicted(row)
          const named = placement.devices.map((id, index) => ({ id, name: `RPC${index}` }))
          const found = fitDemand(input, named, parseFit(row.printed.join("\n")))
          for (const [index, [weights, context, compute]] of row.devices.entries()) {
            const device = found[index]!
            assert.closeTo(mib(device, "weights", "embedding"), weights, 1, "weights")
            assert.closeTo(mib(device, "KV cache"), context, 1, "KV cache")
            assert.closeTo(mib(device, "compute", "compute reserve"), compute, 1, "compute")
            for (const part of device.parts)
              if (/weights|embedding|KV cache|compute/.test(part.name)) {
                assert.strictEqual(part.basis, "exact")
                assert.match(part.formula, /llama-fit-params says \d+ MiB/)
              } else assert.notStrictEqual(part.basis, "exact")
          }
        }),
      )
  })
})
