import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { onnxruntime } from "@rigbook/backend-onnxruntime"
import { sentenceTransformers } from "@rigbook/backend-sentence-transformers"
import { CPU } from "@rigbook/core"
import { Effect } from "effect"
import { fetchMiniLm } from "../packages/backend-sentence-transformers/test/MiniLm.ts"
import { cosine, dot, embedded } from "../packages/core/test/engine/worker/embedded.ts"
import { exported } from "./onnx/MiniLmOnnx.ts"

const TEXTS = [
  "A cat sleeps on the sofa.",
  "The central bank raised its rates.",
  "Übergrößenträger — naïve café ☕ 漢字",
  "one",
  "a text that is longer than what the model takes ".repeat(60),
]

describe("MiniLM in ONNX Runtime", () => {
  it.live("gives the vectors and counts that sentence-transformers gives", () =>
    Effect.gen(function* () {
      const folder = yield* fetchMiniLm
      const graph = yield* exported(folder.path)
      const [ours, theirs] = [
        yield* embedded(onnxruntime, graph, TEXTS),
        yield* embedded(sentenceTransformers, folder, TEXTS),
      ]
      const facts = [yield* onnxruntime.inspect(graph), yield* sentenceTransformers.inspect(folder)] as const
      assert.strictEqual(facts[0].format, "onnx")
      assert.strictEqual(facts[0].contextLength, facts[1].contextLength)
      // The graph has the pooler left out, and constants beside the weights.
      assert.approximately(facts[0].weightBytes / facts[1].weightBytes, 1, 0.02)

      const worst = Math.min(...ours.vectors.map((vector, index) => cosine(vector, theirs.vectors[index]!)))
      assert.isAtLeast(worst, 0.99999)
      for (const vector of ours.vectors) assert.approximately(dot(vector, vector), 1, 1e-4)
      const { inputTokens, truncated, unknownTokens } = theirs.completion
      assert.deepStrictEqual(
        { ...ours.completion, vectors: undefined, timings: undefined, memory: undefined },
        { inputTokens, truncated, unknownTokens, vectors: undefined, timings: undefined, memory: undefined },
      )
      assert.deepStrictEqual(ours.effective.devices, [CPU])
      assert.deepInclude(ours.effective.settings, { providers: "CPU", threads: 1, pooling: "mean", normalize: true })
      assert.deepStrictEqual(ours.effective.loading?.pooling, { mode: "mean", assumed: false })

      const cls = yield* embedded(onnxruntime, graph, TEXTS, { pooling: "cls", prompt: "query: " })
      assert.deepInclude(cls.effective.settings, { pooling: "cls", prompt: "query: " })
      assert.isBelow(cosine(cls.vectors[0]!, theirs.vectors[0]!), 0.99)
      assert.isAbove(cls.completion.inputTokens!, theirs.completion.inputTokens!)
    }).pipe(Effect.provide(NodeServices.layer)),
  )
})
