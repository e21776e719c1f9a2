import { NodeServices } from "@effect/platform-node"
import { assert, layer, vi } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { join } from "node:path"
import { readHeader } from "../../../src/models/formats/GgufHeader.ts"
import { ggufBytes } from "./ggufBytes.ts"

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
})
