import { assert, describe, it } from "@effect/vitest"
import { bytesOf, CPU, type DeviceDemand, DeviceId, type ModelFacts, Placement, Scenario } from "@rigbook/core"
import { Schema } from "effect"
import { demand, demandOf } from "../src/Demand.ts"
import { bytesPerToken } from "../src/KvCache.ts"
import { Options } from "../src/Options.ts"
import { rpcDevice } from "../src/Rpc.ts"
import { gemma3 } from "./gemma3.ts"
import { hostWith } from "./hosts.ts"
import { smollm2, smollm2With } from "./smollm2.ts"

const MIB = 2 ** 20
const options = (given: object = {}) => Schema.decodeUnknownSync(Options)({ threads: 2, ...given })
const scenario = Schema.decodeUnknownSync(Scenario)({ kind: "latency", prompts: "p" })
const A = rpcDevice("127.0.0.1:50052")
const B = rpcDevice("127.0.0.1:50053")

const placed = (model: ModelFacts, given: object, placement: Partial<Placement> = {}): ReadonlyArray<DeviceDemand> =>
  demandOf({
    model,
    config: options(given),
    scenario,
    placement: new Placement({ strategy: "cpu", devices: [CPU], ...placement }),
    host: hostWith([A, B]),
  })

/** MiB of a device's buffers by kind, as llama-server prints them. */
const buffers = (found: ReadonlyArray<DeviceDemand>, device: DeviceId = CPU): Readonly<Record<string, number>> => {
  const { parts } = found.find((each) => each.device === device)!
  return Object.fromEntries(
    [...Map.groupBy(parts, ({ buffer }) => buffer ?? "none")].map(([kind, all]) => [
      kind,
      Number((bytesOf(all) / MIB).toFixed(2)),
    ]),
  )
}

describe("demandOf on the processor, against llama-server's log", () => {
  it("has SmolLM2's buffers", () => {
    const { none, ...reported } = buffers(placed(smollm2, { context: 512 }))
    assert.deepStrictEqual(reported, { model: 92.1, KV: 11.25, compute: 14, output: 0.19 })
    assert.isAbove(none!, 0)
  })

  it.each([
    [{ context: 32_768 }, 96 + 15],
    [{ context: 8192, parallel: 4 }, 96 + 60],
    [{ context: 8192, kvCache: "q8_0" }, 12.75 + 7.97],
    [{ context: 8192, ubatch: 2048 }, 24 + 37.5],
  ])("has the KV cache of Gemma 3, whose layers look back 512 tokens but for every sixth: %j", (given, mib) => {
    assert.closeTo(buffers(placed(gemma3, given))["KV"]!, mib, 0.01)
  })

  it("has the attention scores where flash attention is off: 27.28 MiB become 94.27", () => {
    const compute = (flashAttention: string) => buffers(placed(gemma3, { context: 8192, flashAttention }))["compute"]!
    assert.closeTo(compute("on"), 27.28, 1.3)
    assert.closeTo(compute("off"), 94.27, 6)
  })
})

describe("demandOf over RPC servers, against llama-server's log", () => {
  const context = { context: 512 }

  it("has all on one device, and the table of tokens on the host", () => {
    const found = placed(smollm2, context, { strategy: "single", devices: [A.id] })
    assert.deepInclude(buffers(found, A.id), { model: 92.1, KV: 11.25, compute: 14 })
    assert.deepInclude(buffers(found), { model: 28.69, compute: 5, output: 0.19 })
  })

  it("has each device's layers, and four copies of what goes between them", () => {
    const found = placed(smollm2, context, { strategy: "layer", devices: [A.id, B.id], split: [3, 1] })
    assert.deepInclude(buffers(found, A.id), { model: 50.73, KV: 9, compute: 29 })
    assert.deepInclude(buffers(found, B.id), { model: 41.37, KV: 2.25 })
    const last = found[1]!.parts.find(({ name }) => name === "compute")!
    assert.closeTo(last.bytes / MIB, 18.91, 0.2)
    assert.deepInclude(buffers(found), { model: 28.69, compute: 13.25 })
  })

  it("leaves layers to the processor", () => {
    const found = placed(smollm2, context, {
      strategy: "offload",
      devices: [A.id, B.id, CPU],
      layers: 10,
      split: [1, 1],
    })
    assert.deepInclude(buffers(found, A.id), { model: 10.57, KV: 1.88, compute: 11.75 })
    assert.deepInclude(buffers(found, B.id), { model: 37.14, KV: 1.5, compute: 11.75 })
    assert.deepInclude(buffers(found), { KV: 7.88, compute: 14 })
  })

  it("shares everything where matrices are cut", () => {
    const found = placed(smollm2, context, { strategy: "row", devices: [A.id, B.id], split: [3, 1] })
    const [a, b] = found.map(({ parts }) => bytesOf(parts))
    assert.closeTo(a! / b!, 3, 0.01)
  })
})

describe("demand", () => {
  it("agrees with the known 128 KiB a token of Llama 3.1 8B, whatever the slots", () => {
    const model = smollm2With({ layers: 32, kvHeads: 8, keyLength: 128, valueLength: 128 })
    const cache = (given: object) =>
      demand(model, options(given), "generate").parts.find(({ name }) => name === "KV cache")!.bytes
    assert.strictEqual(bytesPerToken(model, { kvCache: "f16" }), 128 * 1024)
    assert.strictEqual(cache({ context: 8192 }), 8192 * 128 * 1024)
    assert.strictEqual(cache({ context: 8192, parallel: 2 }), 2 * 8192 * 128 * 1024)
    assert.strictEqual(cache({ context: 8192, kvCache: "q8_0" }), (8192 * 64 * 1024 * 34) / 32)
  })

  it("keeps one vector for all heads with latent attention, and none for layers that have no keys", () => {
    const latent = smollm2With({ layers: 61, kvHeads: 1, latentLength: 576 })
    assert.strictEqual(bytesPerToken(latent, { kvCache: "f16" }), 61 * 576 * 2)
    const shared = smollm2With({ layers: 3, kvHeadsByLayer: [3, 3, 0] })
    assert.strictEqual(bytesPerToken(shared, { kvCache: "f16" }), 2 * 3 * 128 * 2)
  })

  it("counts a whole context a forward pass for embeddings, and no cache for encoders", () => {
    const parts = demand(smollm2With({ architecture: "nomic-bert" }), options({ context: 2048 }), "embed").parts
    assert.notInclude(
      parts.map(({ name }) => name),
      "KV cache",
    )
    assert.include(parts.find(({ name }) => name === "compute")!.formula, "ubatch 2048")
  })

  it("shows the formula of each part", () => {
    for (const { parts } of placed(gemma3, {}, { strategy: "layer", devices: [A.id, B.id] }))
      for (const { formula } of parts) assert.match(formula, /\d/)
  })
})
