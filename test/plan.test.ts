import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { llamacpp } from "@rigbook/backend-llamacpp"
import { readOutlines, workspaceAt } from "@rigbook/records"
import { plan, type PlannedCell, readHostDescription } from "@rigbook/runner"
import { Effect } from "effect"
import { join } from "node:path"

const ROOT = join(import.meta.dirname, "..")
const MIB = 2 ** 20
const workspace = workspaceAt(ROOT, { rigbook: 1 })

/** The planned models of this repository on two RTX 5090, from their shapes alone. */
const planned = Effect.fnUntraced(function* (config: string) {
  const host = yield* readHostDescription(join(workspace.hosts, "dual-rtx-5090.yaml"), "dual-rtx-5090.yaml")
  const backends = { ids: ["llamacpp"], get: () => Effect.succeed(llamacpp) }
  const { outlines } = yield* readOutlines(workspace)
  const configs = outlines.filter(({ id }) => id === config).map(({ read }) => read)
  const { cells, issues } = yield* plan(workspace, configs, backends, host, { reach: "headers" })
  assert.deepStrictEqual(issues, [])
  return cells[0]!
})

/** MiB of each GPU's weights, KV cache and compute: what llama-fit-params adds up. */
const gpus = ({ demand }: Pick<PlannedCell, "demand">): ReadonlyArray<number> =>
  demand
    .filter(({ device }) => device !== "cpu")
    .map(
      ({ parts }) =>
        parts
          .filter(({ name }) => ["weights", "KV cache", "compute", "compute reserve"].includes(name))
          .reduce((sum, { bytes }) => sum + bytes, 0) / MIB,
    )

/** What llama-fit-params of build 11434 prints of the same files. */
const FIGURES: Readonly<Record<string, readonly [strategy: string, ...mib: ReadonlyArray<number>]>> = {
  "llama-3.1-8b-f16": ["single", 15_629],
  "llama-3.1-8b-q8_0": ["single", 8919],
  "llama-3.1-70b-q4_k_m-8k": ["layer", 21_806, 21_614],
  "llama-3.1-70b-q4_k_m-32k": ["layer", 25_838, 25_454],
  "mixtral-8x7b-q4_k_m": ["single", 28_291],
  "mixtral-8x7b-q5_k_m": ["layer", 17_577, 15_666],
  "qwen2.5-72b-q4_k_m": ["layer", 24_059, 23_980],
}

layer(NodeServices.layer)("the plan for two RTX 5090", (it) => {
  for (const [config, [strategy, ...figures]] of Object.entries(FIGURES))
    it.effect(`puts ${config} where the engine's own fit tool says that it fits`, () =>
      Effect.gen(function* () {
        const found = yield* planned(config)
        assert.strictEqual("value" in found.placement && found.placement.value.strategy, strategy)
        const mib = gpus(found)
        assert.lengthOf(mib, figures.length)
        for (const [index, figure] of figures.entries())
          assert.closeTo(mib[index]! / figure, 1, figures.length === 1 ? 0.01 : 0.03)
      }),
    )

  it.effect("refuses Mixtral in 5 bits on one GPU, and says by how much", () =>
    Effect.gen(function* () {
      const { refused } = yield* planned("mixtral-8x7b-q5_k_m")
      // 32835 MiB and 1024 to spare, of 31588.
      assert.deepStrictEqual(
        refused.map(({ reason, strategy }) => `${strategy}: ${reason}`),
        [
          "single: needs 33.07 GiB, NVIDIA GeForce RTX 5090 has 30.85 GiB free: 2.22 GiB too little",
          "experts: all experts fit on the devices: use strategy single or layer",
        ],
      )
    }),
  )

  it.effect("knows the longest context that fits", () =>
    Effect.gen(function* () {
      const longest = (config: string) => Effect.map(planned(config), ({ longestContext }) => longestContext)
      assert.deepStrictEqual(yield* longest("llama-3.1-70b-q4_k_m-32k"), { value: 60 * 1024 })
      assert.deepStrictEqual(yield* longest("mixtral-8x7b-q4_k_m"), { value: 26_112 })
      assert.deepStrictEqual(yield* longest("llama-3.1-8b-q8_0"), { value: 131_072 })
    }),
  )
})
