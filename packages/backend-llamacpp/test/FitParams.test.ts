import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { CPU, Device, DeviceId, Placement, readGguf, Scenario, type DeviceDemand } from "@rigbook/core"
import { Effect, FileSystem, Schema } from "effect"
import { join } from "node:path"
import { demandOf } from "../src/Demand.ts"
import { Options } from "../src/Options.ts"
import { ggufOutline } from "../../core/src/synthetic/GgufFile.ts"
import { QUANTIZATIONS } from "../../core/src/synthetic/Recipe.ts"
import type { SyntheticGguf } from "../../core/src/synthetic/SyntheticModel.ts"
import { llama70b, llama8b, mixtral, qwen72b } from "../../core/test/synthetic/shapes.ts"
import { hostWith } from "./hosts.ts"
import { recorded } from "./recorded.ts"

const MIB = 2 ** 20
const options = Schema.decodeUnknownSync(Options)
const scenario = Schema.decodeUnknownSync(Scenario)({ kind: "latency", prompts: "p" })
const GPUS = [0, 1].map(
  (index) =>
    new Device({ id: DeviceId.make(`GPU-${index}`), kind: "gpu", name: "RTX 5090", index, freeBytes: 31_588 * MIB }),
)
const host = hostWith(GPUS)

const SHAPES: Readonly<Record<string, SyntheticGguf>> = {
  "llama31-8b": llama8b,
  "llama31-70b": llama70b,
  "mixtral-8x7b": mixtral,
  "qwen25-72b": qwen72b,
}

/** One line of fit-params.txt: MiB of weights, context and compute by device. */
interface Row {
  readonly line: string
  readonly model: SyntheticGguf
  readonly context: number
  readonly kvCache: string
  readonly devices: ReadonlyArray<readonly [model: number, context: number, compute: number]>
}

const quantizationOf = (name: string): SyntheticGguf["quantization"] =>
  QUANTIZATIONS.find((known) => known.toLowerCase() === name.toLowerCase())!

const rows = recorded("fit-params.txt")
  .split("\n")
  .flatMap((line): ReadonlyArray<Row> => {
    const [, model, quantization, context, kvCache, devices] =
      /^(\S+)-(\w+) c=(\d+) kv=(\w+) \S+ \| (.*) ;$/.exec(line) ?? []
    if (devices === undefined) return []
    return [
      {
        line,
        model: { ...SHAPES[model!]!, quantization: quantizationOf(quantization!) },
        context: Number(context),
        kvCache: kvCache!,
        devices: devices.split(" ;").map((device) => {
          const [mib, cache, compute] = device.split(" ").slice(1).map(Number)
          return [mib!, cache!, compute!]
        }),
      },
    ]
  })

const mib = ({ parts }: DeviceDemand, ...names: ReadonlyArray<string>): number =>
  parts.filter(({ name }) => names.includes(name)).reduce((sum, { bytes }) => sum + bytes, 0) / MIB

const predicted = Effect.fnUntraced(function* ({ context, devices, kvCache, model }: Row) {
  const fs = yield* FileSystem.FileSystem
  const path = join(yield* fs.makeTempDirectoryScoped(), "header.gguf")
  yield* fs.writeFile(path, ggufOutline(model))
  const facts = yield* readGguf(path, { headersOnly: true })
  const [first, ...rest] = GPUS.slice(0, devices.length - 1).map(({ id }) => id)
  const placement = new Placement({
    strategy: rest.length === 0 ? "single" : "layer",
    devices: [first!, ...rest],
    ...(rest.length === 0 ? {} : { split: [1, 1] }),
  })
  return demandOf({ model: facts, config: options({ context, kvCache }), scenario, placement, host })
}, Effect.scoped)

describe("demandOf, from headers alone, against what llama-fit-params prints", () => {
  it("has all that was recorded", () => assert.lengthOf(rows, 96))

  it.layer(NodeServices.layer)((it) => {
    for (const row of rows)
      it.effect(row.line.slice(0, row.line.indexOf(" |")), () =>
        Effect.gen(function* () {
          const found = yield* predicted(row)
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
