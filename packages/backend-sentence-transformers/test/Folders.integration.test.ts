import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { makeSynthetic, readSafetensors } from "@rigbook/core/models"
import { shortCommand } from "@rigbook/core/engine"
import { Effect, FileSystem } from "effect"
import { dirname, join } from "node:path"
import { pythonFile } from "../src/PythonFiles.ts"
import { setup } from "../src/Runtime.ts"
import { pythonEnvironment } from "../src/WorkerEnvironment.ts"

/** What the worker answers of one folder; `error` is Python's name of it and the message. */
interface Reported {
  readonly load?: {
    readonly max_length: number | null
    readonly prompt: string | null
    readonly loading: {
      readonly missing: { readonly count: number; readonly first: ReadonlyArray<string> }
      readonly unexpected: { readonly count: number }
      readonly pooling: { readonly mode: string; readonly assumed: boolean } | null
      readonly architecture: string | null
      readonly vocabulary: number
    }
  }
  readonly tokens?: {
    readonly tokens: number
    readonly unknown: number
    readonly truncated: { readonly documents: number; readonly tokens: number }
  }
  readonly encode?: { readonly count: number; readonly dimensions: number }
  readonly error?: string
}

/** The folders, made of a small BERT by Python, and what one process of the worker's parts says of each. */
const tellOf = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const { path } = yield* setup
  const { path: base } = yield* makeSynthetic("folders", {
    format: "safetensors",
    architecture: "bert",
    layers: 1,
    hiddenSize: 64,
    feedForward: 128,
    heads: 4,
    vocabulary: 512,
    contextLength: 64,
    quantization: "F32",
  })
  const folder = yield* fs.makeTempDirectoryScoped()
  const script = join(import.meta.dirname, "folders.py")
  const { stdout } = yield* shortCommand(path, ["-B", script, dirname(pythonFile("worker.py")), base, folder], {
    env: pythonEnvironment(),
    timeoutMs: 600_000,
  })
  const reported = JSON.parse(stdout.trim().split("\n").at(-1)!) as Readonly<Record<string, Reported>>
  return { reported, folder }
})

describe("folders of sentence models", () => {
  it.live("are read back as what the library made of them", () =>
    Effect.gen(function* () {
      const { folder, reported } = yield* tellOf
      const loading = (name: string) => reported[name]!.load!.loading
      const none = { count: 0, first: [] }

      // Texts of 3, 100 and 1 words, for a model that takes 64 tokens.
      const { load, tokens } = reported["usual"]!
      assert.deepStrictEqual(loading("usual"), {
        missing: none,
        unexpected: none,
        pooling: { mode: "mean", assumed: false },
        architecture: "BertModel",
        vocabulary: 512,
      })
      assert.strictEqual(load!.max_length, 64)
      assert.strictEqual(tokens!.unknown, 0)
      assert.strictEqual(tokens!.truncated.documents, 1)
      // The same tokens as of a model that cuts nothing, and adds none at the ends of a text.
      assert.strictEqual(tokens!.tokens - 2 * 3 + tokens!.truncated.tokens, reported["static"]!.tokens!.tokens)
      assert.deepStrictEqual(reported["static"]!.tokens!.truncated, { documents: 0, tokens: 0 })

      const prefix = loading("foreign-prefix")
      assert.isAbove(prefix.missing.count, 15)
      assert.strictEqual(prefix.unexpected.count, prefix.missing.count + 2) // the pooler's, which nobody needs
      assert.strictEqual(loading("missing-layer").missing.count, 4)
      assert.match(loading("missing-layer").missing.first[0]!, /attention\.output/)
      assert.deepStrictEqual(loading("no-pooler").missing, none)

      assert.deepInclude(loading("reranker"), {
        architecture: "BertForSequenceClassification",
        pooling: { mode: "mean", assumed: true },
      })
      assert.strictEqual(loading("reranker").unexpected.count, 2)
      assert.strictEqual(loading("masked-lm").architecture, "BertForMaskedLM")

      assert.isBelow(loading("no-tokenizer").vocabulary, 10)
      assert.isAbove(reported["no-tokenizer"]!.tokens!.unknown, 50)

      assert.include(reported["zero-weights"]!.error, "UnusableVectors: the vector of text 1 is all zeros")
      assert.include(reported["not-finite"]!.error, "UnusableVectors: the vector of text 1 is not finite")

      // A folder may set more than there are positions: BERT's 64, and RoBERTa's less those of its padding.
      assert.strictEqual(reported["limit-above-positions"]!.load!.max_length, 64)
      assert.strictEqual(reported["roberta"]!.load!.max_length, 62)
      assert.strictEqual((yield* readSafetensors(join(folder, "roberta"))).positions, 62)

      for (const [name, width] of [
        ["static", 64],
        ["own-folder", 64],
        ["dense", 32],
      ] as const) {
        const facts = yield* readSafetensors(join(folder, name))
        assert.deepInclude(reported[name]!.encode, { count: 3, dimensions: width }, name)
        assert.strictEqual(facts.dimensions ?? facts.hiddenSize, width, name)
      }
      assert.strictEqual(reported["static"]!.load!.max_length, null)
      assert.include(reported["static-limited"]!.error, "BadRequest: max_length can't be set")
      assert.deepInclude(reported["static-cut"]!.tokens!.truncated, { documents: 1 })
      assert.strictEqual(reported["static-cut"]!.load!.max_length, 16)

      // A prompt is in each text, and in nothing where none is chosen.
      const prompted = reported["prompt-name"]!
      assert.strictEqual(prompted.load!.prompt, "query: ")
      assert.isAbove(prompted.tokens!.tokens, reported["usual"]!.tokens!.tokens)
      assert.deepStrictEqual(reported["prompt-text"]!.tokens, prompted.tokens)
      assert.strictEqual(reported["prompts"]!.load!.prompt, null)
      assert.include(reported["prompt-unknown"]!.error, "no prompt 'qery'; they have query")
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)),
  )
})
