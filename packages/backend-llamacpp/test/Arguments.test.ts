import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { serverArguments, type ServerInput } from "../src/Arguments.ts"
import { Options } from "../src/Options.ts"

const decode = Schema.decodeUnknownSync(Options)

const argv = (options: object, input: Partial<ServerInput> = {}): string =>
  serverArguments({
    options: decode({ threads: 2, ...options }),
    task: "generate",
    file: "m.gguf",
    model: { contextLength: 8192 },
    port: 18_080,
    nonce: "rigbook-1",
    ...input,
  }).join(" ")

describe("serverArguments", () => {
  it("says everything that decides placement and cost", () => {
    assert.strictEqual(
      argv({}),
      "-m m.gguf --alias rigbook-1 --host 127.0.0.1 --port 18080 --device none -ngl 0 -sm none -fit off " +
        "-c 4096 -np 1 --no-kv-unified -b 2048 -ub 512 -t 2 -tb 2 -fa auto -ctk f16 -ctv f16 " +
        "--cache-ram 0 -ctxcp 0 --offline --no-webui --metrics -lv 4",
    )
  })

  it("puts all layers, or so many, on the one GPU that it is told", () => {
    assert.include(argv({}, { gpu: "CUDA0" }), "--device CUDA0 -ngl all -mg 0 -sm none -fit off")
    assert.include(argv({ gpuLayers: 10 }, { gpu: "Vulkan0" }), "--device Vulkan0 -ngl 10 -mg 0 -sm none")
    assert.include(argv({ gpuLayers: 10 }), "--device none -ngl 0")
  })

  it("gives each slot a whole context, rounded up as llama.cpp does", () => {
    assert.include(argv({ context: 2000, parallel: 3 }), "-c 6144 -np 3")
  })

  it("takes no more context than the model was trained for, unless told to", () => {
    assert.include(argv({}, { model: { contextLength: 512 } }), "-c 512 -np 1")
    assert.include(argv({ context: 1024 }, { model: { contextLength: 512 } }), "-c 1024 -np 1")
  })

  it("lets an embedded text fill the context in one pass", () => {
    assert.include(argv({ context: 512 }, { task: "embed" }), "-b 512 -ub 512")
    const chosen = argv({ ubatch: 1024, pooling: "mean" }, { task: "embed" })
    assert.include(chosen, "-b 1024 -ub 1024")
    assert.include(chosen, "--embeddings --pooling mean")
    assert.notInclude(argv({}), "--embeddings")
  })

  it("passes on what was chosen", () => {
    assert.include(
      argv({ batch: 4096, ubatch: 2048, flashAttention: "off", kvCache: "q8_0", threads: 7 }),
      "-b 4096 -ub 2048 -t 7 -tb 7 -fa off -ctk q8_0 -ctv q8_0",
    )
  })
})
