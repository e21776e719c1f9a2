import { NodeServices } from "@effect/platform-node"
import { assert, layer, vi } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { join } from "node:path"
import { serialize } from "node:v8"
import { readHeader } from "../../../src/models/formats/GgufHeader.ts"
import { ggufBytes } from "./ggufBytes.ts"

let commands = 0

const bytes = (layers: number) =>
  ggufBytes({ "llama.block_count": { u32: layers }, "tokenizer.ggml.tokens": { strings: ["a", "b", "c"] } }, [])

layer(NodeServices.layer)("readHeader", (it) => {
  it.effect("reads a file once, until it is another", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const path = join(yield* fs.makeTempDirectoryScoped(), "model.gguf")
      const layers = Effect.map(readHeader(path), ({ metadata }) => metadata["llama.block_count"])
      yield* fs.writeFile(path, bytes(2))
      const first = yield* readHeader(path)
      assert.notStrictEqual(yield* readHeader(path), first, "so new a file may change again at the same time")
      vi.spyOn(Date, "now").mockReturnValue(Date.now() + 60_000)
      const known = yield* readHeader(path)
      assert.strictEqual(yield* readHeader(path), known)
      yield* fs.writeFile(path, bytes(3))
      assert.strictEqual(yield* layers, 3)
      yield* fs.remove(path)
      yield* fs.writeFile(path, bytes(4))
      assert.strictEqual(yield* layers, 4)
    }).pipe(Effect.ensuring(Effect.sync(() => vi.restoreAllMocks())), Effect.scoped),
  )

  it.effect("keeps of a vocabulary its length alone", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const path = join(yield* fs.makeTempDirectoryScoped(), "model.gguf")
      yield* fs.writeFile(path, bytes(2))
      const { metadata } = yield* readHeader(path)
      assert.deepStrictEqual(metadata["tokenizer.ggml.tokens"], [undefined, undefined, undefined])
    }).pipe(Effect.scoped),
  )

  it.effect("finds what an earlier command has read, unless that is damaged", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const folder = yield* fs.makeTempDirectoryScoped()
      vi.stubEnv("RIGBOOK_CACHE", join(folder, "cache"))
      vi.spyOn(Date, "now").mockReturnValue(Date.now() + 60_000)
      const path = join(folder, "model.gguf")
      const strings = Array.from({ length: 30_000 }, (_, token) => `token ${token}`)
      yield* fs.writeFile(path, ggufBytes({ "a.b": { u32: 2 }, "tokenizer.ggml.tokens": { strings } }, []))
      /** As a command of its own does, which knows nothing yet. */
      const read = Effect.gen(function* () {
        const module = `../../../src/models/formats/GgufHeader.ts?command=${commands++}`
        const { readHeader: readAgain } = yield* Effect.promise(
          () => import(module) as Promise<{ readonly readHeader: typeof readHeader }>,
        )
        return yield* readAgain(path)
      })
      const first = yield* read
      const [kept, ...others] = yield* fs.readDirectory(join(folder, "cache/headers"))
      assert.deepStrictEqual(others, [])
      assert.deepStrictEqual(yield* read, first)
      const file = join(folder, "cache/headers", kept!)
      yield* fs.writeFile(file, serialize({ ...first, quantization: "found" }))
      assert.strictEqual((yield* read).quantization, "found")
      for (const damaged of [serialize(first).subarray(0, 100), serialize({}), Buffer.alloc(0)]) {
        yield* fs.writeFile(file, damaged)
        assert.deepStrictEqual(yield* read, first)
      }
    }).pipe(
      Effect.ensuring(
        Effect.sync(() => {
          vi.restoreAllMocks()
          vi.unstubAllEnvs()
        }),
      ),
      Effect.scoped,
    ),
  )
})
