import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem, Result } from "effect"
import { join } from "node:path"
import { input, integer, node, onnx, output, subgraph, tensor } from "../src/OnnxEncoding.ts"
import { readOnnxHeader } from "../src/OnnxHeader.ts"
import { tinyGraph, tinyOnnx } from "../src/TinyOnnx.ts"

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

  it.live("finds the tensors of graphs within graphs, and what these use of the outer one", () =>
    Effect.gen(function* () {
      const branch = (name: string, ...nodes: ReadonlyArray<Buffer>) =>
        subgraph(...nodes, tensor(name, [2, 3], new Float32Array(6)), output(name, "float", [2, 3]))
      const branches = {
        then_branch: branch("inner", node("Relu", ["outer"], "unread")),
        else_branch: branch("other"),
      }
      const bytes = onnx(
        node("If", ["condition"], "last_hidden_state", branches),
        tensor("outer", [5], new Float32Array(5)),
        tensor("unused", [7], new Float32Array(7)),
        output("last_hidden_state", "float", ["texts", "tokens", 3]),
      )
      const { outputRank, tensors, used } = yield* Effect.fromResult(yield* read(bytes))
      assert.deepStrictEqual(
        tensors.map(({ elements, name }) => [name, elements, used.has(name)]),
        [
          ["inner", 6, true],
          ["other", 6, true],
          ["outer", 5, true],
          ["unused", 7, false],
        ],
      )
      assert.strictEqual(outputRank, 3)
    }),
  )

  it.live("counts weights, not bytes, where operators read several from one, and tells scales from weights", () =>
    Effect.gen(function* () {
      const product = (name: string, attributes: Readonly<Record<string, Buffer>>) => [
        node("MatMulNBits", ["x", name, `${name}.scales`, `${name}.zeros`], `${name}.out`, attributes),
        tensor(name, [16, 1, 8], new Uint8Array(128)),
        tensor(`${name}.scales`, [16], new Float32Array(16)),
        tensor(`${name}.zeros`, [16], new Uint8Array(16)),
      ]
      const bytes = onnx(
        node("GatherBlockQuantized", ["table", "input_ids", "table.scales", ""], "x"),
        tensor("", [3], new Float32Array(3)),
        tensor("table", [4, 8], new Uint8Array(32)),
        tensor("table.scales", [4], new Float32Array(4)),
        ...product("four", { bits: integer(4) }),
        ...product("eight", { bits: integer(8) }),
        input("input_ids", "int64", ["texts", "tokens"]),
      )
      const { tensors } = yield* Effect.fromResult(yield* read(bytes))
      assert.deepStrictEqual(
        tensors.filter(({ scales }) => scales !== true),
        [
          { name: "", type: 1, elements: 3 },
          { name: "table", type: 21, elements: 64 },
          { name: "four", type: 21, elements: 256 },
          { name: "eight", type: 2, elements: 128 },
        ],
      )
      assert.lengthOf(tensors, 9)
    }),
  )

  it.live("takes the number of dimensions from sentence_embedding where there is one, else from the first output", () =>
    Effect.gen(function* () {
      const tokens = output("last_hidden_state", "float", ["texts", "tokens", 8])
      const rank = (...outputs: ReadonlyArray<Buffer>) =>
        Effect.gen(function* () {
          const bytes = onnx(...tinyGraph({ vocabulary: 4, width: 8 }), ...outputs)
          return (yield* Effect.fromResult(yield* read(bytes))).outputRank
        })
      assert.strictEqual(yield* rank(tokens, output("sentence_embedding", "float", ["texts", 8])), 2)
      assert.strictEqual(yield* rank(tokens, output("pooler_output", "float", ["texts", 8])), 3)
    }),
  )

  it.live("says what is no ONNX file, and where one is cut", () =>
    Effect.gen(function* () {
      const said = (bytes: Uint8Array) =>
        Effect.map(read(bytes), (result) => (Result.isFailure(result) ? result.failure : "it was read"))
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
