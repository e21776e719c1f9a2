import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { join } from "node:path"
import { cosine, embedded } from "../../core/test/engine/worker/embedded.ts"
import { tinyModel } from "../src/check.ts"
import { integer, node, onnx, output, tensor, TYPES } from "../src/OnnxEncoding.ts"
import { onnxruntime } from "../src/OnnxRuntime.ts"
import type { Options } from "../src/Options.ts"
import { tinyGraph } from "../src/TinyOnnx.ts"

const WIDTH = 512
const TOKENS = ["texts", "tokens", WIDTH]
const GRAPH = tinyGraph({ vocabulary: 512, width: WIDTH })
const HIDDEN = output("last_hidden_state", "float", TOKENS)

/** What this graph makes of a text of 400 words. */
const made = Effect.fnUntraced(function* (graph: ReadonlyArray<Buffer>, options: typeof Options.Encoded = {}) {
  const fs = yield* FileSystem.FileSystem
  const files = yield* tinyModel
  yield* fs.writeFile(join(files.path, "model.onnx"), onnx(...graph))
  const { effective, vectors } = yield* embedded(onnxruntime, files, ["word ".repeat(400)], options)
  return { effective, vector: vectors[0]! }
}, Effect.scoped)

describe("a graph's output", () => {
  it.live("is sentence_embedding where there is one, and not pooled again", () =>
    Effect.gen(function* () {
      const first = [
        tensor("zero", [], BigInt64Array.of(0n)),
        node("Gather", ["last_hidden_state", "zero"], "sentence_embedding", { axis: integer(1) }),
      ]
      const both = yield* made([...GRAPH, ...first, HIDDEN, output("sentence_embedding", "float", ["texts", WIDTH])])
      const tokens = yield* made([...GRAPH, HIDDEN], { pooling: "cls" })
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
      const { effective, vector } = yield* made([...GRAPH, ...half, output("half", "float16", TOKENS)])
      assert.deepInclude(effective.settings, { output: "tensor(float16)", pooling: "mean" })
      const single = yield* made([...GRAPH, HIDDEN])
      assert.isAbove(cosine(vector, single.vector), 0.999)
    }).pipe(Effect.provide(NodeServices.layer)),
  )
})
