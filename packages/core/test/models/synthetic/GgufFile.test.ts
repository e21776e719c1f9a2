import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { join } from "node:path"
import { QUANTIZATIONS } from "../../../src/model/Recipe.ts"
import type { SyntheticGguf } from "../../../src/model/SyntheticModel.ts"
import { readGguf } from "../../../src/models/formats/Gguf.ts"
import { writeOutline } from "../../../src/models/formats/Outline.ts"
import { ggufFile, ggufOutline } from "../../../src/models/synthetic/GgufFile.ts"
import { fileBytes } from "../../../src/models/synthetic/WeightsFile.ts"
import { mixtral, tiny } from "./shapes.ts"

const read = Effect.fnUntraced(function* (model: SyntheticGguf, header: Buffer = ggufFile(model).header) {
  const fs = yield* FileSystem.FileSystem
  const path = join(yield* fs.makeTempDirectoryScoped(), "model.gguf")
  yield* writeOutline(path, header, fileBytes(ggufFile(model)))
  return yield* readGguf(path)
}, Effect.scoped)

describe("ggufFile", () => {
  it.layer(NodeServices.layer)((it) => {
    it.effect("is read as the model that it has the shape of", () =>
      Effect.gen(function* () {
        const facts = yield* read({ ...tiny, experts: 4, expertsUsed: 2 })
        assert.include(facts, {
          architecture: "llama",
          quantization: "Q4_K_M",
          layers: 2,
          contextLength: 512,
          hiddenSize: 256,
          heads: 4,
          kvHeads: 2,
          keyLength: 64,
          valueLength: 64,
          vocabulary: 600,
          chatTemplate: true,
        })
        assert.strictEqual(facts.tensorBytes?.layers.length, 2)
        assert.deepStrictEqual(facts.synthetic, { layers: 3 })
      }),
    )

    it.effect("is outlined with the same facts in a fraction of its header", () =>
      Effect.gen(function* () {
        const model = { ...tiny, vocabulary: 5000 }
        const { sha256: _, ...whole } = yield* read(model)
        const { sha256: __, ...outline } = yield* read(model, ggufOutline(model))
        assert.deepStrictEqual(outline, whole)
        assert.isBelow(ggufOutline(model).length, ggufFile(model).header.length / 10)
      }),
    )
  })

  it("gives special tokens and single bytes a score of zero, whatever the type of its weights", () => {
    for (const quantization of QUANTIZATIONS) {
      const model = { ...tiny, quantization }
      const [silent, spoken] = ggufFile(model).parts.slice(-2)
      assert.strictEqual(silent!.fill, "zeros")
      assert.strictEqual(spoken!.fill, "random")
      // The first 259 of its 600 tokens: <unk>, <s>, </s> and 256 bytes.
      assert.strictEqual(silent!.bytes / (silent!.bytes + spoken!.bytes), 259 / model.vocabulary)
    }
  })

  it("has the length of the true file: Mixtral 8x7B in Q4_K_M, 28.45 GB", () => {
    assert.strictEqual((fileBytes(ggufFile(mixtral)) / 1e9).toFixed(2), "28.45")
    assert.isBelow(ggufOutline(mixtral).length, 100_000)
  })
})
