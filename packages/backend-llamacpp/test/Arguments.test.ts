import { assert, describe, it } from "@effect/vitest"
import { CPU, DeviceId, Placement } from "@rigbook/core"
import { Schema } from "effect"
import { requested, serverArguments, type ServerInput } from "../src/Arguments.ts"
import { Options } from "../src/Options.ts"

const decode = Schema.decodeUnknownSync(Options)
const onCpu = new Placement({ strategy: "cpu", devices: [CPU] })

const argv = (options: object, input: Partial<ServerInput> = {}): string =>
  serverArguments({
    options: decode({ threads: 2, ...options }),
    task: "generate",
    file: "m.gguf",
    model: { contextLength: 8192 },
    port: 18_080,
    nonce: "rigbook-1",
    placement: onCpu,
    devices: [],
    ...input,
  }).join(" ")

describe("serverArguments", () => {
  it("says everything that decides placement and cost", () => {
    assert.strictEqual(
      argv({}),
      "-m m.gguf --alias rigbook-1 --host 127.0.0.1 --port 18080 --device none --split-mode none --main-gpu 0 -ngl 0 -fit off " +
        "-c 4096 -np 1 --no-kv-unified -b 2048 -ub 512 -t 2 -tb 2 -fa auto -ctk f16 -ctv f16 " +
        "--cache-ram 0 -ctxcp 0 --offline --no-webui --metrics -lv 4",
    )
  })

  it("names the way to draft, and requests to find it in the log", () => {
    const option = { speculation: "ngram-simple" }
    assert.include(argv(option), " --spec-type ngram-simple ")
    assert.deepInclude(requested(decode(option), onCpu), option)
  })

  it("says how a placement is split, by llama.cpp's names of its devices", () => {
    const on = (placement: ConstructorParameters<typeof Placement>[0], names: ReadonlyArray<string>) =>
      argv(
        {},
        {
          placement: new Placement(placement),
          devices: names.map((name, index) => ({
            id: placement.devices[index]!,
            name,
            ...(name.startsWith("RPC") ? { endpoint: placement.devices[index]!.slice(4) } : {}),
          })),
        },
      )
    const [a, b] = [DeviceId.make("GPU-a"), DeviceId.make("rpc:127.0.0.1:50052")]
    assert.include(
      on({ strategy: "single", devices: [a] }, ["CUDA0"]),
      "--device CUDA0 --split-mode none --tensor-split 1 --main-gpu 0 -ngl all -fit off",
    )
    assert.include(
      on({ strategy: "layer", devices: [b, a], split: [3, 1] }, ["RPC0", "CUDA0"]),
      "--rpc 127.0.0.1:50052 --device RPC0,CUDA0 --split-mode layer --tensor-split 3,1 --main-gpu 0 -ngl all",
    )
    assert.include(
      on({ strategy: "row", devices: [a, a], split: [1, 2] }, ["A", "B"]),
      "--split-mode row --tensor-split 1,2",
    )
    assert.include(
      on({ strategy: "offload", devices: [a, CPU], layers: 10 }, ["Vulkan0"]),
      "--device Vulkan0 --split-mode none --tensor-split 1 --main-gpu 0 -ngl 10",
    )
    assert.include(
      on({ strategy: "offload", devices: [a, b, CPU], layers: 10, split: [1, 1] }, ["CUDA0", "RPC0"]),
      "--device CUDA0,RPC0 --split-mode layer --tensor-split 1,1 --main-gpu 0 -ngl 10",
    )
    assert.include(
      on({ strategy: "experts", devices: [a, CPU], expertLayers: 7 }, ["CUDA0"]),
      "--device CUDA0 --split-mode none --tensor-split 1 --main-gpu 0 -ngl all -ncmoe 7",
    )
  })

  it("gives each slot a whole context, rounded up as llama.cpp does", () => {
    assert.include(argv({ context: 2000, parallel: 3 }), "-c 6144 -np 3")
  })

  it("takes no more context than the model was trained for, unless requested", () => {
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

describe("requested", () => {
  const partly = new Placement({ strategy: "offload", devices: [DeviceId.make("GPU-1"), CPU], layers: 10 })

  it("names what is requested, by the names that effective answers with", () => {
    assert.deepStrictEqual(requested(decode({ threads: 2, context: 2000 }), onCpu), {
      context: 2048,
      parallel: 1,
      threads: 2,
      kvCache: "f16",
      gpuLayers: 0,
    })
    assert.deepStrictEqual(requested(decode({ threads: 2, flashAttention: "off", ubatch: 256 }), partly), {
      parallel: 1,
      threads: 2,
      kvCache: "f16",
      ubatch: 256,
      flashAttention: "off",
      gpuLayers: 10,
    })
  })
})
