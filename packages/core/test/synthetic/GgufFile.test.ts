import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { join } from "node:path"
import { readGguf } from "../../src/model/Gguf.ts"
import { ggufFile, ggufOutline, type GgufFile } from "../../src/synthetic/GgufFile.ts"
import { mixtral, tiny } from "./shapes.ts"

const read = Effect.fnUntraced(function* ({ fileBytes, header }: GgufFile) {
  const fs = yield* FileSystem.FileSystem
  const path = join(yield* fs.makeTempDirectoryScoped(), "model.gguf")
  yield* fs.writeFile(path, header)
  yield* fs.truncate(path, fileBytes)
  return yield* readGguf(path)
}, Effect.scoped)

describe("ggufFile", () => {
  it.layer(NodeServices.layer)((it) => {
    it.effect("is read as the model that it has the shape of", () =>
      Effect.gen(function* () {
        const facts = yield* read(ggufFile({ ...tiny, experts: 4, expertsUsed: 2 }))
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
      }),
    )

    it.effect("is outlined with the same facts in a fraction of its header", () =>
      Effect.gen(function* () {
        const model = { ...tiny, vocabulary: 5000 }
        const { sha256: _, ...whole } = yield* read(ggufFile(model))
        const { sha256: __, ...outline } = yield* read(ggufOutline(model))
        assert.deepStrictEqual(outline, whole)
        assert.isBelow(ggufOutline(model).header.length, ggufFile(model).header.length / 10)
      }),
    )
  })

  it("has the length of the true file: Mixtral 8x7B in Q4_K_M, 28.45 GB", () => {
    const { fileBytes, header } = ggufOutline(mixtral)
    assert.strictEqual((fileBytes / 1e9).toFixed(2), "28.45")
    assert.isBelow(header.length, 100_000)
  })
})
