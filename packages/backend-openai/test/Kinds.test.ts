import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import type { FoundServer } from "@rigbook/core"
import { Effect, Schema, type Scope } from "effect"
import type { AddressInfo } from "node:net"
import { findServers } from "../src/FindServers.ts"
import { openai, Options } from "../src/index.ts"
import { fakeLmStudio, fakeOllama, fakeSglang, fakeTei, fakeTgi, type OtherServer } from "./OtherServers.ts"

const decode = Schema.decodeUnknownSync(Options)

/** Its address, as long as the scope lives. */
const listening = ({ server }: OtherServer): Effect.Effect<string, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.callback<string>((resume) => {
      server.listen(0, "127.0.0.1", () =>
        resume(Effect.succeed(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)),
      )
    }),
    () =>
      Effect.sync(() => {
        server.close()
        server.closeAllConnections()
      }),
  )

const found = Effect.fnUntraced(function* (other: OtherServer) {
  const url = yield* listening(other)
  const [server] = yield* findServers(url)
  const options = decode(server!.models[0]!.options)
  return { server: server!, runtime: yield* openai.probe(options), model: yield* openai.served!(options) }
})

const summary = ({ models, name, version }: FoundServer) => ({
  name,
  version,
  models: models.map(({ name: model, natural = false, task }) => [model, task, natural]),
})

describe("servers of other people", () => {
  it.live("are recognised by what only they answer, with their models and what each can do", () =>
    Effect.gen(function* () {
      const all = yield* Effect.forEach([fakeOllama(), fakeLmStudio(), fakeSglang(), fakeTei(), fakeTgi()], found)
      assert.deepStrictEqual(
        all.map(({ server }) => summary(server)),
        [
          {
            name: "Ollama",
            version: "0.13.5",
            models: [
              ["llama3.2:1b", "generate", true],
              ["all-minilm:latest", "embed", false],
            ],
          },
          { name: "LM Studio", version: "not reported", models: [["qwen2.5-0.5b-instruct", "generate", true]] },
          { name: "SGLang", version: "0.5.9", models: [["qwen/qwen2.5-0.5b-instruct", "generate", false]] },
          { name: "Text Embeddings Inference", version: "1.8.3", models: [["BAAI/bge-small-en-v1.5", "embed", false]] },
          {
            name: "Text Generation Inference",
            version: "3.3.6",
            models: [["HuggingFaceTB/SmolLM2-135M-Instruct", "generate", true]],
          },
        ],
      )
      assert.deepStrictEqual(
        all.map(({ runtime }) => runtime.program),
        ["ollama", "lmstudio", "sglang", "tei", "tgi"],
      )
      // Each says what it does not report.
      for (const { server } of all) assert.isNotEmpty(server.absent)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)),
  )

  it.live("say what their model is, each as much as it reports", () =>
    Effect.gen(function* () {
      const [ollama, lmStudio, sglang, tei] = yield* Effect.forEach(
        [fakeOllama(), fakeLmStudio(), fakeSglang(), fakeTei()],
        (other) => Effect.map(found(other), ({ model }) => Object.assign({}, model)),
      )
      assert.deepInclude(ollama, {
        format: "served",
        architecture: "llama",
        quantization: "Q8_0",
        parameters: 1_235_814_432,
        fileBytes: 1_321_098_329,
        contextLength: 131_072,
        layers: 16,
        sha256: "baf6a787fdffd633537aa2eb51cfd54cb93ff08e28040095462bb63daf552878",
      })
      assert.deepInclude(lmStudio, { architecture: "qwen2", quantization: "Q4_K_M", contextLength: 32_768 })
      assert.doesNotHaveAnyKeys(lmStudio, ["parameters", "weightBytes", "fileBytes", "bitsPerWeight"])
      assert.deepInclude(sglang, { architecture: "not reported", quantization: "bfloat16" })
      assert.deepInclude(tei, { quantization: "float16", contextLength: 512 })
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)),
  )

  it.live("are found at their documented ports only, and what does not answer is none", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* findServers("http://127.0.0.1:9"), [])
      const url = yield* listening({ ...fakeOllama(), bodies: [] })
      assert.isFalse((yield* findServers()).some((server) => server.url === url))
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)),
  )
})
