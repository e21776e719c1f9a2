import { assert, describe, it } from "@effect/vitest"
import { readEngineLog } from "../src/EngineLog.ts"
import { GIB } from "./Model.ts"
import { recorded } from "./recorded.ts"

describe("readEngineLog", () => {
  it("reads a server on the processor", () => {
    assert.deepStrictEqual(readEngineLog(recorded("serve-eager.log")), {
      version: "0.32.0",
      device: "cpu",
      settings: {
        dtype: "bfloat16",
        maxModelLen: 2048,
        kvCacheDtype: "auto",
        enforceEager: true,
        prefixCaching: true,
        tensorParallel: 1,
        pipelineParallel: 1,
        replicas: 1,
        worldSize: 1,
        kvCacheTokens: 46_592,
        weightsLoadSeconds: 0.16,
      },
      cores: ["0"],
      weightBytes: [],
      kvBytes: [GIB],
    })
  })

  it("reads how tokens are drafted, where they are", () => {
    const config =
      "speculative_config=SpeculativeConfig(method='ngram', model=None, num_spec_tokens=4), dtype=torch.float32"
    const log = `(EngineCore pid=1) INFO [core.py:133] Initializing a V1 LLM engine (v0.32.0) with config: model='/m', ${config}`
    assert.deepStrictEqual(readEngineLog(log).settings, { speculation: "ngram", draftTokens: 4, dtype: "float32" })
  })

  it("reads two processes that share each layer, with the cores of both", () => {
    const { cores, kvBytes, settings } = readEngineLog(recorded("serve-tp2.log"))
    assert.deepInclude(settings, { tensorParallel: 2, worldSize: 2, kvCacheTokens: 4_194_304 })
    assert.deepStrictEqual(cores, ["0", "1"])
    assert.deepStrictEqual(kvBytes, [GIB, GIB])
  })

  it("counts replicas, each an engine that knows of no other, and puts their cores in order", () => {
    const { cores, kvBytes, settings } = readEngineLog(recorded("serve-dp2.log"))
    assert.deepInclude(settings, { tensorParallel: 1, replicas: 2, worldSize: 1 })
    assert.deepStrictEqual(cores, ["0", "1"])
    assert.lengthOf(kvBytes, 2)
  })

  it("tells whether each process holds whole experts", () => {
    const line = (expert: string) =>
      `(Worker_TP1_EP1 pid=1) INFO [parallel_state.py:2350] rank 1 in world size 2 is assigned as DP rank 0, TP rank 1, ETP rank 0, EP rank ${expert}, EPLB rank N/A`
    assert.isTrue(readEngineLog(line("1")).settings["expertParallel"])
    assert.notProperty(readEngineLog(line("N/A")).settings, "expertParallel")
  })

  it("sees that prefixes are not cached", () => {
    assert.isFalse(readEngineLog(recorded("serve-no-prefix-cache.log")).settings["prefixCaching"])
  })

  it("reads vLLM's words of GPUs, as its source has them", () => {
    const log = [
      "(Worker_TP0 pid=1) INFO 11-23 09:22:17 [cuda.py:507] Using FLASH_ATTN attention backend out of potential backends: ['FLASH_ATTN', 'FLASHINFER'].",
      "(Worker_TP0 pid=1) INFO 11-23 09:22:17 [gpu_model_runner.py:1] Model loading took 7.51 GiB memory and 2.1 seconds",
      "(Worker_TP1 pid=2) INFO 11-23 09:22:17 [gpu_model_runner.py:1] Model loading took 7.50 GiB memory and 2.1 seconds",
      "(Worker_TP0 pid=1) INFO 11-23 09:22:17 [gpu_worker.py:1] Available KV cache memory: 12.25 GiB",
      "(EngineCore pid=3) INFO 11-23 09:22:17 [kv.py:1] GPU KV cache size: 100,352 tokens, Maximum concurrency for 4,096 tokens per request: 24.50x",
    ].join("\n")
    const { kvBytes, settings, weightBytes } = readEngineLog(log)
    assert.deepStrictEqual(settings, { attention: "FLASH_ATTN", kvCacheTokens: 100_352 })
    assert.deepStrictEqual(weightBytes, [Math.round(7.51 * GIB), 7.5 * GIB])
    assert.deepStrictEqual(kvBytes, [12.25 * GIB])
  })

  it("leaves out what it does not find", () => {
    assert.deepStrictEqual(readEngineLog(""), { settings: {}, cores: [], weightBytes: [], kvBytes: [] })
  })
})
