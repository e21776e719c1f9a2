import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { CPU, Placement } from "@rigbook/core"
import { fakeHost } from "@rigbook/testkit"
import { Effect, FileSystem, Schema } from "effect"
import { join } from "node:path"
import { tinyModel } from "../src/check.ts"
import { integer, node, onnx, output, tensor, TYPES } from "../src/OnnxEncoding.ts"
import { onnxruntime } from "../src/OnnxRuntime.ts"
import { Options } from "../src/Options.ts"
import { tinyGraph } from "../src/TinyOnnx.ts"

const WIDTH = 512
const TOKENS = ["texts", "tokens", WIDTH]
const GRAPH = tinyGraph({ vocabulary: 512, width: WIDTH })
const HIDDEN = output("last_hidden_state", "float", TOKENS)

/** What this graph makes of a text of 400 words. */
const embedded = Effect.fnUntraced(function* (graph: ReadonlyArray<Buffer>, options: typeof Options.Encoded = {}) {
  const fs = yield* FileSystem.FileSystem
  const files = yield* tinyModel
  yield* fs.writeFile(join(files.path, "model.onnx"), onnx(...graph))
  const session = yield* onnxruntime.open({
    config: yield* Schema.decodeUnknownEffect(Options)({ threads: 1, ...options }),
    runtime: yield* onnxruntime.machine!.setup!,
    files,
    model: yield* onnxruntime.inspect(files),
    task: "embed",
    placement: new Placement({ strategy: "cpu", devices: [CPU] }),
    host: fakeHost(),
    visible: {},
    logFile: join(files.path, "engine.log"),
    openTimeoutMs: 600_000,
  })
  const request = { task: "embed", texts: ["word ".repeat(400)], batchSize: 1, returnVectors: true } as const
  const { vectors } = yield* session.send(request, { sent: () => {}, chunk: () => {} })
  const { buffer } = Uint8Array.from(Buffer.from(vectors!.base64!, "base64"))
  return { effective: session.effective, vector: new Float32Array(buffer) }
}, Effect.scoped)

const dot = (a: Float32Array, b: Float32Array): number => a.reduce((sum, value, index) => sum + value * b[index]!, 0)
const cosine = (a: Float32Array, b: Float32Array): number => dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))

describe("a graph's output", () => {
  it.live("is sentence_embedding where there is one, and not pooled again", () =>
    Effect.gen(function* () {
      const first = [
        tensor("zero", [], BigInt64Array.of(0n)),
        node("Gather", ["last_hidden_state", "zero"], "sentence_embedding", { axis: integer(1) }),
      ]
      const both = yield* embedded([
        ...GRAPH,
        ...first,
        HIDDEN,
        output("sentence_embedding", "float", ["texts", WIDTH]),
      ])
      const tokens = yield* embedded([...GRAPH, HIDDEN], { pooling: "cls" })
      assert.isAbove(cosine(both.vector, tokens.vector), 0.9999)
      assert.notProperty(both.effective.settings, "pooling")
      assert.deepInclude(tokens.effective.settings, { pooling: "cls" })
    }).pipe(Effect.provide(NodeServices.layer)),
  )

  it.live("in half precision is pooled in single precision: the sum of its tokens is too large for half", () =>
    Effect.gen(function* () {
      const half = [
        tensor("thousand", [], Float32Array.of(1000)),
        node("Mul", ["last_hidden_state", "thousand"], "large"),
        node("Cast", ["large"], "half", { to: integer(TYPES.float16) }),
      ]
      const { effective, vector } = yield* embedded([...GRAPH, ...half, output("half", "float16", TOKENS)])
      assert.deepInclude(effective.settings, { output: "tensor(float16)", pooling: "mean" })
      const single = yield* embedded([...GRAPH, HIDDEN])
      assert.isAbove(cosine(vector, single.vector), 0.999)
    }).pipe(Effect.provide(NodeServices.layer)),
  )
})
