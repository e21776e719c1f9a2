import { assert, layer } from "@effect/vitest"
import type { RunRecord } from "@rigbook/core"
import { Effect } from "effect"
import { A, B, measured, planned, variable, VulkanRig } from "./VulkanRig.ts"

const MIB = 2 ** 20
const layered = (split: string, devices = '["cuda:0", "cuda:1"]') =>
  `{ strategy: layer, devices: ${devices}, split: ${split} }`
const ROWS = '{ strategy: row, devices: ["cuda:0", "cuda:1"] }'

const codes = ({ verdict }: RunRecord) => verdict.reasons.map(({ code }) => code)
const proof = ({ observed }: RunRecord) => observed.placement?.state

/** MiB of weights on each GPU, by the letters of the rig. */
const weights = ({ effective }: RunRecord) =>
  Object.fromEntries(
    effective!.buffers
      .filter(({ device, kind }) => kind === "model" && device !== "cpu")
      .map(({ bytes, device }) => [device === A ? "A" : "B", Number((bytes / MIB).toFixed(2))]),
  )

/** That it ran where it was placed, alone, and that each GPU holds what was estimated for it, to the rounding of the log. */
const assertPlaced = (record: RunRecord) => {
  assert.isUndefined(record.failure)
  assert.strictEqual(proof(record), "verified")
  assert.deepStrictEqual(
    record.verdict.reasons.filter(({ code, level }) => level === "invalid" || code === "foreign-process"),
    [],
  )
  assert.deepStrictEqual(record.effective!.devices.toSorted(), record.cell.placement.devices.toSorted())
  const held = record.effective!.buffers.filter(({ device }) => device !== "cpu")
  for (const { bytes, device, kind } of held) {
    const estimated = record.requested
      .demand!.filter((demand) => demand.device === device)
      .flatMap(({ parts }) => parts)
      .filter(({ buffer }) => buffer === kind)
      .reduce((sum, part) => sum + part.bytes, 0)
    // The widest point of so small a graph is not the one that the formula knows of large ones.
    if (kind === "compute") assert.isAtMost(bytes, estimated + 0.01 * MIB, `${kind} on ${device}`)
    else assert.closeTo(bytes, estimated, 0.01 * MIB, `${kind} on ${device}`)
  }
}

layer(VulkanRig.layer, { excludeTestServices: true })("two GPUs of one make, in a real llama-server", (it) => {
  it.effect("hold a model whole or in layers as it was planned, proven by the driver", () =>
    Effect.gen(function* () {
      const records = yield* measured(`["cuda:0", "cuda:1", ${layered("[1, 1]")}]`)
      assert.deepStrictEqual(records.map(weights), [{ A: 2.92 }, { B: 2.92 }, { A: 1.8, B: 1.12 }])
      records.forEach(assertPlaced)
    }),
  )

  it.effect("are swapped where the config names them so", () =>
    Effect.gen(function* () {
      const [record] = yield* measured(layered("[3, 1]", '["cuda:1", "cuda:0"]'))
      assert.deepStrictEqual(weights(record!), { A: 0.52, B: 2.4 })
      assertPlaced(record!)
    }),
  )

  it.effect("are found out where llama-server has them in another order than the driver", () =>
    Effect.gen(function* () {
      const [record] = yield* measured('"cuda:0"', { finds: [1, 0] })
      assert.deepStrictEqual([record!.verdict.status, proof(record!)], ["invalid", "contradicted"])
      assert.include(codes(record!), "device-mismatch")
    }),
  )

  it.effect("prove nothing where the driver lists nothing: the verdict says which witness is missing", () =>
    Effect.gen(function* () {
      const [record] = yield* measured(layered("[1, 1]"), { lists: false })
      assert.strictEqual(proof(record!), "unverified")
      const found = record!.verdict.reasons.find(({ code }) => code === "placement-unverified")
      for (const device of [A, B]) assert.include(found?.detail, `${device}: the driver lists no process of the engine`)
    }),
  )

  it.effect("are masked: what the user hides is not used, and the other keeps its number", () =>
    Effect.gen(function* () {
      yield* variable("CUDA_VISIBLE_DEVICES", "1")
      const [record] = yield* measured('"cuda:1"', { finds: [1], names: ["Fake GPU", "llvmpipe"] })
      assert.deepStrictEqual(weights(record!), { B: 2.92 })
      assertPlaced(record!)
      const { cells, said } = yield* planned('"cuda:0"')
      assert.lengthOf(cells, 0)
      assert.match(said[0]!, /placement: unknown device "cuda:0"; this host has cpu, cuda:1/)
    }),
  )

  it.effect("are refused before anything runs: rows, a GPU that is not there, one that the engine does not find", () =>
    Effect.gen(function* () {
      const { cells, said } = yield* planned(`["cuda:2", ${ROWS}]`)
      assert.lengthOf(cells, 0)
      assert.match(said[0]!, /placement\[0\]: unknown device "cuda:2"; this host has cpu, cuda:0/)
      assert.match(said[1]!, /placement\[1\]: no placement is possible: row: .*use strategy tensor or layer/)
      const one = yield* planned('"cuda:0"', { finds: [0] })
      assert.lengthOf(one.cells, 0)
      assert.match(one.said.join("\n"), /finds Vulkan0 \(llvmpipe .*certain/)
    }),
  )

  it.effect("are refused where the model does not fit on either, in the same words as the plan", () =>
    Effect.gen(function* () {
      const { cells, said } = yield* planned(`["cuda:1", ${layered("[1, 1]")}]`, { total: 900 })
      assert.lengthOf(cells, 0)
      for (const sentence of said) assert.match(sentence, /has 0\.88 GiB free: \d+\.\d\d GiB too little/)
      assert.lengthOf(said, 2)
    }),
  )
})
