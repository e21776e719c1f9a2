import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { onnxruntime } from "@rigbook/backend-onnxruntime"
import { sentenceTransformers } from "@rigbook/backend-sentence-transformers"
import { type AnyBackend, CPU, type ModelFiles, Placement, type ServicesOf } from "@rigbook/core"
import { fetchModel } from "@rigbook/core/models"
import { fakeHost } from "@rigbook/testkit"
import { Effect, FileSystem, Schema } from "effect"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { parse } from "yaml"
import { exported } from "./onnx/MiniLmOnnx.ts"

const ROOT = join(import.meta.dirname, "..")
const { source } = parse(readFileSync(join(ROOT, "models/configs/all-minilm-l6-v2.yaml"), "utf8"))

const TEXTS = [
  "A cat sleeps on the sofa.",
  "The central bank raised its rates.",
  "Übergrößenträger — naïve café ☕ 漢字",
  "one",
  "a text that is longer than what the model takes ".repeat(60),
]

type Services = ServicesOf<typeof onnxruntime>

/** What a backend makes of the texts. */
const embedded = (backend: AnyBackend<Services>, files: ModelFiles, options: object = {}) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const config = yield* Schema.decodeUnknownEffect(backend.config)({ threads: 1, ...options })
    const session = yield* backend.open({
      config,
      runtime: yield* backend.machine!.setup!,
      files,
      model: yield* backend.inspect(files),
      task: "embed",
      placement: new Placement({ strategy: "cpu", devices: [CPU] }),
      host: fakeHost(),
      visible: {},
      logFile: join(yield* fs.makeTempDirectoryScoped(), "engine.log"),
      openTimeoutMs: 600_000,
    })
    const request = { task: "embed", texts: TEXTS, batchSize: 2, returnVectors: true } as const
    const completion = yield* session.send(request, { sent: () => {}, chunk: () => {} })
    return { effective: session.effective, completion, vectors: rows(completion.vectors!.base64!) }
  }).pipe(Effect.scoped)

const rows = (base64: string): ReadonlyArray<Float32Array> => {
  const all = new Float32Array(Uint8Array.from(Buffer.from(base64, "base64")).buffer)
  const width = all.length / TEXTS.length
  return TEXTS.map((_, index) => all.subarray(index * width, (index + 1) * width))
}
const dot = (a: Float32Array, b: Float32Array): number => a.reduce((sum, value, index) => sum + value * b[index]!, 0)
const cosine = (a: Float32Array, b: Float32Array): number => dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))

describe("MiniLM in ONNX Runtime", () => {
  it.live("gives the vectors and counts that sentence-transformers gives", () =>
    Effect.gen(function* () {
      const folder = yield* fetchModel("all-MiniLM-L6-v2", source, "/")
      const graph = yield* exported(folder.path)
      const [ours, theirs] = [yield* embedded(onnxruntime, graph), yield* embedded(sentenceTransformers, folder)]
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

      const cls = yield* embedded(onnxruntime, graph, { pooling: "cls", prompt: "query: " })
      assert.deepInclude(cls.effective.settings, { pooling: "cls", prompt: "query: " })
      assert.isBelow(cosine(cls.vectors[0]!, theirs.vectors[0]!), 0.99)
      assert.isAbove(cls.completion.inputTokens!, theirs.completion.inputTokens!)
    }).pipe(Effect.provide(NodeServices.layer)),
  )
})
