import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { join } from "node:path"
import { readOnnxHeader } from "../src/OnnxHeader.ts"
import { tinyOnnx } from "../src/TinyOnnx.ts"

/** What is read of a file of these bytes. */
const read = (bytes: Uint8Array) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const file = join(yield* fs.makeTempDirectoryScoped(), "model.onnx")
    yield* fs.writeFile(file, bytes)
    return yield* Effect.result(
      Effect.tryPromise({ try: () => readOnnxHeader(file), catch: (cause) => (cause as Error).message }),
    )
  }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))

describe("readOnnxHeader", () => {
  const whole = tinyOnnx({ vocabulary: 300, width: 40 })

  it.live("counts tensors without their values", () =>
    Effect.gen(function* () {
      const header = yield* Effect.fromResult(yield* read(whole))
      assert.deepStrictEqual(header.tensors, [
        { name: "table", type: 1, elements: 300 * 40 },
        { name: "square", type: 1, elements: 40 * 40 },
      ])
      assert.strictEqual(header.outputRank, 3)
      assert.isTrue(header.tensors.every(({ name }) => header.used.has(name)))
    }),
  )

  it.live("finds what a graph's nodes don't use, and values in other files", () =>
    Effect.gen(function* () {
      // The name of a node's input, changed; and a tensor with the field external_data: location = w.bin.
      const renamed = Buffer.from(whole)
      renamed.write("eable", renamed.indexOf("table"))
      const header = yield* Effect.fromResult(yield* read(renamed))
      assert.deepStrictEqual(
        header.tensors.filter(({ name }) => !header.used.has(name)).map(({ name }) => name),
        ["table"],
      )
      const pair = Buffer.from([0x0a, 8, ...Buffer.from("location"), 0x12, 5, ...Buffer.from("w.bin")])
      const tensor = Buffer.from([0x08, 6, 0x08, 7, 0x10, 10, 0x42, 1, 0x77, 0x6a, pair.length, ...pair])
      const graph = Buffer.from([0x2a, tensor.length, ...tensor])
      const outside = yield* Effect.fromResult(yield* read(Buffer.from([0x3a, graph.length, ...graph])))
      assert.deepStrictEqual(outside.tensors, [{ name: "w", type: 10, elements: 42, external: "w.bin" }])
    }),
  )

  it.live("says what is no ONNX file, and where one is cut", () =>
    Effect.gen(function* () {
      const failure = (bytes: Uint8Array) => Effect.map(Effect.flatMap(read(bytes), Effect.fromResult), () => "read")
      const said = (bytes: Uint8Array) => Effect.catch(failure(bytes), (message) => Effect.succeed(message))
      assert.strictEqual(yield* said(new Uint8Array(0)), "it has no graph")
      for (const text of [
        "root:x:0:0:root:/root:/bin/sh\n",
        "version https://git-lfs.github.com/spec/v1\n",
        "\0\0\0\0",
      ])
        assert.match(yield* said(Buffer.from(text)), /not an ONNX file|no graph/)
      for (const part of [0.1, 0.5, 0.9])
        assert.match(yield* said(whole.subarray(0, Math.floor(whole.length * part))), /incomplete/)
    }),
  )
})
