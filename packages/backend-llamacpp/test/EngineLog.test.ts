import { assert, describe, it } from "@effect/vitest"
import { readEngineLog } from "../src/EngineLog.ts"
import { recorded } from "./recorded.ts"

/** MiB by "device kind", as the log rounds them. */
const buffersOf = (log: string): Record<string, number> =>
  Object.fromEntries(
    readEngineLog(log).buffers.map(({ bytes, device, kind }) => [
      `${device} ${kind}`,
      Math.round((bytes / 2 ** 20) * 100) / 100,
    ]),
  )

describe("readEngineLog", () => {
  it("sums the many mapped pieces of one model, and its repacked copies", () => {
    // 222.56 + 12.66 MiB of weights are what llama.cpp's own breakdown of this run says.
    assert.deepStrictEqual(buffersOf(recorded("server-start-lv4.log")), {
      "CPU model": 235.22,
      "CPU output": 4,
      "CPU KV": 36,
      "CPU compute": 22.28,
    })
  })

  it("sums the two KV caches of a model with sliding windows", () => {
    assert.strictEqual(buffersOf(recorded("llama-server-lv4-1.log"))["CPU KV"], 96 + 15)
    assert.strictEqual(buffersOf(recorded("llama-server-lv4-2.log"))["CPU KV"], 96 + 60)
    assert.strictEqual(buffersOf(recorded("llama-server-lv4-4.log"))["CPU KV"], 12.75 + 7.97)
  })

  it("counts the states of recurrent layers with the KV cache, as plans do", () => {
    const log = [
      "llama_kv_cache:        CPU KV buffer size =    32.00 MiB",
      "llama_memory_recurrent:        CPU RS buffer size =     0.41 MiB",
    ]
    assert.deepStrictEqual(buffersOf(log.join("\n")), { "CPU KV": 32.41 })
  })

  it("tells two RPC servers apart by their addresses", () => {
    assert.deepStrictEqual(buffersOf(recorded("placement-rpc-auto.log")), {
      "CPU model": 28.69,
      "RPC[127.0.0.1:50052] model": 33.82,
      "RPC[127.0.0.1:50053] model": 58.28,
      "CPU output": 0.19,
      "RPC[127.0.0.1:50052] KV": 6,
      "RPC[127.0.0.1:50053] KV": 5.25,
      "RPC[127.0.0.1:50052] compute": 29.05,
      "RPC[127.0.0.1:50053] compute": 18.91,
      "CPU compute": 13.32,
    })
    assert.strictEqual(buffersOf(recorded("llama-server-lv4-8.log"))["RPC[127.0.0.1:50062] KV"], 16 + 6)
  })

  it("finds everything on the processor when no device was let in, whatever is said of offloading", () => {
    const reported = readEngineLog(recorded("placement-rpc-dev-none.log"))
    assert.deepStrictEqual(reported.offloaded, { layers: 31, of: 31 })
    assert.deepStrictEqual([...new Set(reported.buffers.map(({ device }) => device))], ["CPU"])
  })

  it("finds how tokens are drafted, where that is said", () => {
    const lines = [
      "0.04.091.962 I spec common_specu: adding speculative implementation 'ngram-simple'",
      "0.04.091.964 I spec common_specu: - size_n=12, size_m=48, min_hits=1",
    ]
    assert.deepStrictEqual(readEngineLog(lines.join("\n")).settings, { speculation: "ngram-simple" })
    const none = "0.04.338.659 I spec common_specu: no implementations specified for speculative decoding"
    assert.deepStrictEqual(readEngineLog(none).settings, {})
  })

  it("forgets loads and contexts that came before the last", () => {
    const run = recorded("placement-rpc-dev-none.log")
    assert.deepStrictEqual(buffersOf(run + run), buffersOf(run))
    assert.deepStrictEqual(buffersOf(recorded("placement-rpc-auto.log") + run), buffersOf(run))
  })

  it("reads CUDA's names; pinned host memory is the host's", () => {
    const log = [
      "load_tensors:        CUDA0 model buffer size =  4403.49 MiB",
      "load_tensors:   CPU_Mapped model buffer size =   281.81 MiB",
      "llama_context:  CUDA_Host  output buffer size =     0.49 MiB",
    ].join("\n")
    assert.deepStrictEqual(buffersOf(log), { "CUDA0 model": 4403.49, "CPU model": 281.81, "CPU output": 0.49 })
  })

  it("reads the effective settings", () => {
    assert.deepStrictEqual(readEngineLog(recorded("llama-server-lv4-2.log")).settings, {
      context: 8192,
      parallel: 4,
      threads: 2,
      batch: 2048,
      ubatch: 512,
      flashAttention: "on",
      kvCache: "f16",
    })
    assert.strictEqual(readEngineLog(recorded("llama-server-lv4-4.log")).settings["kvCache"], "q8_0")
    assert.strictEqual(readEngineLog(recorded("llama-server-lv4-1.log")).build, "11434 (sdist)")
    assert.strictEqual(readEngineLog(recorded("server-embeddings-minilm.log")).settings["batch"], 512)
  })

  it("says nothing of an empty log", () => {
    assert.deepStrictEqual(readEngineLog(""), { buffers: [], overridden: false, settings: {} })
  })
})
