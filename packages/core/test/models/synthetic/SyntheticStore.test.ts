import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, afterEach, beforeEach, vi } from "vitest"
import type { SyntheticModel } from "../../../src/model/SyntheticModel.ts"
import { readGguf } from "../../../src/models/formats/Gguf.ts"
import { readSafetensors } from "../../../src/models/formats/Safetensors.ts"
import { makeSynthetic, outlineSynthetic } from "../../../src/models/synthetic/SyntheticStore.ts"
import { Progress, type ProgressEvent } from "../../../src/Progress.ts"
import { llama70b, miniLm, tiny } from "./shapes.ts"

const small = { ...miniLm, layers: 2, hiddenSize: 48, feedForward: 96, heads: 4, vocabulary: 2000 } as const

const factsOf = (model: SyntheticModel, path: string) =>
  model.format === "gguf" ? readGguf(path) : readSafetensors(path)

layer(NodeServices.layer)("SyntheticStore", (it) => {
  const cache = mkdtempSync(join(tmpdir(), "rigbook-synthetic-"))
  beforeEach(() => void vi.stubEnv("RIGBOOK_CACHE", cache))
  afterEach(() => vi.unstubAllEnvs())
  afterAll(() => rmSync(cache, { recursive: true, force: true }))

  for (const model of [
    tiny,
    { ...tiny, architecture: "qwen2", quantization: "F16" },
    { ...tiny, experts: 4, expertsUsed: 2, quantization: "Q5_K_M" },
    small,
    { ...small, architecture: "xlm-roberta", quantization: "F16", depth: 1 },
    { ...small, architecture: "llama", kvHeads: 2, quantization: "BF16" },
  ] satisfies ReadonlyArray<SyntheticModel>)
    it.effect(`plans a ${model.quantization} ${model.architecture} by the facts that its files then have`, () =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const made = yield* makeSynthetic("Model", model)
        const { sha256, ...facts } = yield* factsOf(model, made.path)
        const { sha256: _, ...outlined } = yield* factsOf(model, (yield* outlineSynthetic(model)).path)
        assert.deepStrictEqual(outlined, facts)
        assert.deepStrictEqual(facts.synthetic, { layers: model.layers })
        // The same description gives the same bytes.
        yield* fs.remove(join(process.env["RIGBOOK_CACHE"]!, "models"), { recursive: true })
        assert.strictEqual((yield* factsOf(model, (yield* makeSynthetic("Model", model)).path)).sha256, sha256)
      }),
    )

  it.effect("says how far it is, and makes nothing twice", () =>
    Effect.gen(function* () {
      const events: Array<ProgressEvent> = []
      const model = { ...tiny, vocabulary: 700 }
      const make = makeSynthetic("Model", model).pipe(
        Effect.provideService(Progress, (event) => Effect.sync(() => void events.push(event))),
      )
      const { path } = yield* make
      yield* make
      const fs = yield* FileSystem.FileSystem
      const total = Number((yield* fs.stat(path)).size)
      assert.deepStrictEqual(events, [
        { step: "Model: creating random weights", done: total, total, unit: "B", finished: true },
      ])
    }),
  )

  it.effect("refuses what the disk has no room for, and leaves nothing behind", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const huge = { ...llama70b, layers: 4000, hiddenSize: 65_536, feedForward: 262_144, vocabulary: 512 } as const
      const error = yield* Effect.flip(makeSynthetic("Huge", huge))
      assert.match(
        error.message,
        /^Huge: Its random weights take \d+\.\d GiB, but .* has \d+\.\d GiB left\. Free some space/,
      )
      const left = yield* fs.readDirectory(join(process.env["RIGBOOK_CACHE"]!, "models"))
      assert.deepStrictEqual(
        left.filter((name) => name.includes("partial")),
        [],
      )
    }),
  )
})
