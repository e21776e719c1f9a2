import { assert, layer } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { join } from "node:path"
import { mixtureBytes } from "./mixture.ts"
import { assertProven, measured, planned, Rig, weights, wrong } from "./RpcRig.ts"

/** The mixture of experts as a file of the workspace. */
const mixture = Effect.gen(function* () {
  const { workspace } = yield* Rig
  const fs = yield* FileSystem.FileSystem
  const path = join(workspace.root, "mixture.gguf")
  yield* fs.writeFile(path, mixtureBytes())
  return { path }
})

const ON_A = "{ strategy: experts, devices: [$A] }"
const ON_BOTH = "{ strategy: experts, devices: [$A, $B], split: [1, 1] }"

layer(Rig.layer, { excludeTestServices: true })("experts of a real llama-server", (it) => {
  it.effect("stay with the processor, of as many layers as requested, proven from the buffers by device", () =>
    Effect.gen(function* () {
      const source = yield* mixture
      const whole = yield* measured(source, "$A")
      const two = yield* measured(source, `[${ON_A}, ${ON_BOTH}]`, { expertLayers: 2 })
      const three = yield* measured(source, ON_A, { expertLayers: 3 })
      const records = [...whole, ...two, ...three]
      yield* Effect.forEach(records, assertProven)
      // A layer's experts are 1.5 MiB. The first two layers lie on A, so that on both devices B keeps all its own.
      assert.deepStrictEqual(yield* Effect.forEach(records, weights), [
        { A: 6.32 },
        { A: 3.32 },
        { A: 1.69, B: 1.63 },
        { A: 1.82 },
      ])
    }),
  )

  it.effect("are found out when they are on a device after all", () =>
    Effect.gen(function* () {
      const { deafTo } = yield* Rig
      const binary = yield* deafTo("-ncmoe")
      const [record] = yield* measured(yield* mixture, ON_A, { expertLayers: 2, binary })
      assert.deepStrictEqual(
        wrong(record!).map(({ code }) => code),
        ["placement-mismatch"],
      )
      assert.include(wrong(record!)[0]!.detail, "(experts of 2 layers)")
    }),
  )

  it.effect("that can't be named, or are not there, are reported before anything runs", () =>
    Effect.gen(function* () {
      const unknown = yield* planned(yield* mixture, ON_A)
      assert.include(unknown.said[0], "is unknown without the device's memory: set expertLayers")
      const many = yield* planned(yield* mixture, ON_A, { expertLayers: 5 })
      assert.include(many.said[0], "expertLayers is 5, but the model has 4 layers")
    }),
  )
})
