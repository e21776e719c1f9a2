import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { CPU, Device, type DeviceDemand, DeviceId, ModelFacts, Placement, Scenario } from "@rigbook/core"
import { readGguf } from "@rigbook/core/models"
import { Effect, FileSystem, Schema } from "effect"
import { join } from "node:path"
import { demandOf } from "../src/Demand.ts"
import { Options } from "../src/Options.ts"
import { hostWith } from "./hosts.ts"
import { hybrids } from "./modern/hybrids.ts"
import { mixtures } from "./modern/mixtures.ts"
import type { Shape } from "./modern/Shape.ts"
import { windows } from "./modern/windows.ts"
import { recorded } from "./recorded.ts"

const SHAPES: Readonly<Record<string, () => Shape>> = { ...hybrids, ...mixtures, ...windows }
const MIB = 2 ** 20
const PARTS = [["weights", "embedding"], ["KV cache"], ["compute", "compute reserve"]] as const
const options = Schema.decodeUnknownSync(Options)
const scenario = Schema.decodeUnknownSync(Scenario)({ kind: "latency", prompts: "p" })
const GPUS = [0, 1].map(
  (index) => new Device({ id: DeviceId.make(`GPU-${index}`), kind: "gpu", name: "A GPU", index, freeBytes: 900e9 }),
)

/** A line of the recording: MiB of weights, context and compute by device, the host last. */
interface Row {
  readonly name: string
  readonly context: number
  readonly kvCache: string
  readonly devices: ReadonlyArray<ReadonlyArray<number>>
}

const rows: ReadonlyArray<Row> = recorded("fit-modern.txt")
  .split("\n")
  .flatMap((line): ReadonlyArray<Row> => {
    const [, name, context, kvCache, reported] = /^([^ #]+) (\d+) (\w+) \d \| (.*)$/.exec(line) ?? []
    if (reported === undefined) return []
    const devices = reported.split(";").map((device) => device.split(" ").slice(1).map(Number))
    return [{ name: name!, context: Number(context), kvCache: kvCache!, devices }]
  })

const factsOf = Effect.fnUntraced(function* (name: string) {
  const fs = yield* FileSystem.FileSystem
  const path = join(yield* fs.makeTempDirectoryScoped(), "model.gguf")
  const { header, length } = SHAPES[name]!()
  yield* fs.writeFile(path, header)
  yield* fs.truncate(path, length)
  return yield* readGguf(path, { headersOnly: true })
}, Effect.scoped)

const mib = ({ parts }: DeviceDemand, names: ReadonlyArray<string>): number =>
  parts.filter(({ name }) => names.includes(name)).reduce((sum, { bytes }) => sum + bytes, 0) / MIB

const sum = (numbers: ReadonlyArray<number>): number => numbers.reduce((total, number) => total + number, 0)

/** Off by more than the bound, rounding to MiB on both sides aside. */
const beyond = (found: number, reported: number, bound: number): boolean =>
  Math.abs(found - reported) > Math.max(1.5, bound * reported)

const onOne = (model: Effect.Success<ReturnType<typeof factsOf>>) =>
  demandOf({
    model,
    config: options({ context: 8192 }),
    scenario,
    placement: new Placement({ strategy: "single", devices: [GPUS[0]!.id] }),
    host: hostWith(GPUS),
  })[0]!.parts

describe("what is not known", () => {
  it.layer(NodeServices.layer)((it) => {
    it.effect("is said of an architecture that has no row in the table, and no figure of it is a formula's", () =>
      Effect.gen(function* () {
        const known = yield* factsOf("qwen3-32b")
        for (const { basis, name, notes } of onOne(known))
          if (/cache|compute/.test(name)) assert.deepStrictEqual([basis, notes], ["formula", undefined], name)
        const { architecture: _, ...rest } = known
        const parts = onOne(new ModelFacts({ ...rest, architecture: "nextyear" }))
        for (const [name, what] of [
          ["KV cache", /nextyear is unknown to Rigbook/],
          ["compute", /nextyear was not measured/],
        ] as const) {
          const part = parts.find((one) => one.name === name)!
          assert.strictEqual(part.basis, "heuristic")
          assert.match(part.notes!.join(), what)
        }
      }),
    )

    it.effect("is said of a window of unknown layers, and of a tensor of unknown place", () =>
      Effect.gen(function* () {
        const known = yield* factsOf("qwen3-32b")
        const assumed = ["equal layers: where tensor strange.weight belongs is not known"]
        const { tensorBytes: _, ...rest } = known
        for (const { basis, name, notes } of onOne(new ModelFacts({ ...rest, assumed })))
          if (/weights|cache/.test(name))
            assert.deepStrictEqual([basis, notes], ["heuristic", [`assumed: ${assumed[0]}`]], name)
      }),
    )
  })
})

describe("demandOf, from headers of today's models, against what llama-fit-params prints", () => {
  it("has rows for every shape", () =>
    assert.deepStrictEqual(
      Object.keys(SHAPES).filter((name) => !rows.some((row) => row.name === name)),
      [],
    ))

  it.layer(NodeServices.layer)((it) => {
    for (const [name, all] of Map.groupBy(rows, (row) => row.name))
      it.effect(`${name}: ${all.length} rows`, () =>
        Effect.gen(function* () {
          const model = yield* factsOf(name)
          const off = all.flatMap(({ context, devices, kvCache }) => {
            const ids = GPUS.slice(0, devices.length - 1).map(({ id }) => id)
            const placement = new Placement({
              strategy: ids.length === 1 ? "single" : "layer",
              devices: [ids[0]!, ...ids.slice(1)],
              ...(ids.length === 1 ? {} : { split: [1, 1] }),
            })
            const config = options({ context, kvCache })
            const found = demandOf({ model, config, scenario, placement, host: hostWith(GPUS) })
            const bound = ids.length === 1 ? 0.01 : 0.03
            return found.flatMap((device, index) => {
              const reported = devices[index]!
              const mine = PARTS.map((names) => mib(device, names))
              // The host's share is small: its inputs are known to a few MiB.
              const total = beyond(sum(mine), sum(reported), device.device === CPU ? 0.03 : bound)
              const cache = beyond(mine[1]!, reported[1]!, bound)
              const weights = beyond(mine[0]!, reported[0]!, bound)
              return total || cache || weights
                ? [
                    `${context} ${kvCache} ${device.device}: ${mine.map(Math.round).join(" + ")}, the tool ${reported.join(" + ")}`,
                  ]
                : []
            })
          })
          assert.deepStrictEqual(off, [])
        }),
      )
  })
})
