import { assert, describe, it } from "@effect/vitest"
import { CPU } from "@rigbook/core"
import { requested } from "../src/Arguments.ts"
import { cacheConfig, draftCounts, effectiveOf } from "../src/Effective.ts"
import { GIB, gpuId, onCpu, onGpus } from "./Model.ts"
import { options } from "./Options.ts"
import { recorded } from "./recorded.ts"

const answers = (log: string, metrics = recorded("metrics.txt")) => ({
  maxModelLen: 2048,
  version: "0.32.0",
  metrics,
  log,
})

describe("draftCounts", () => {
  it("sums the counters of all engines, and no other", () => {
    const of = (name: string, engine: number, count: string) =>
      `vllm:spec_decode_num_${name}{engine="${engine}",model_name="m"} ${count}`
    const metrics = [
      of("drafts_total", 0, "16.0"),
      of("draft_tokens_total", 0, "64.0"),
      of("draft_tokens_created", 0, "1.7959084353508475e+09"),
      of("accepted_tokens_total", 0, "60.0"),
      of("draft_tokens_total", 1, "4.0"),
      of("accepted_tokens_total", 1, "0.0"),
      of("accepted_tokens_per_pos_total", 0, "16.0"),
    ]
    assert.deepStrictEqual(draftCounts(metrics.join("\n")), { draftedTokens: 68, acceptedTokens: 60 })
    assert.deepStrictEqual(draftCounts(""), { draftedTokens: 0, acceptedTokens: 0 })
  })
})

describe("effectiveOf", () => {
  it("believes what vLLM answers, and takes the rest from its log", () => {
    const { buffers, devices, settings } = effectiveOf(answers(recorded("serve-eager.log")), onCpu)
    assert.deepStrictEqual(devices, [CPU])
    assert.deepInclude(settings, {
      dtype: "bfloat16",
      maxModelLen: 2048,
      kvCacheTokens: 46_592,
      kvCacheBytes: GIB,
      kvCacheBlocks: 364,
      prefixCaching: true,
      cores: "0",
      version: "0.32.0",
    })
    assert.deepStrictEqual(buffers, [{ device: CPU, kind: "KV", bytes: GIB }])
  })

  it("counts the KV cache of each process on the processor", () => {
    const { buffers } = effectiveOf(answers(recorded("serve-tp2.log")), onCpu)
    assert.deepStrictEqual(
      buffers.map(({ bytes }) => bytes),
      [GIB, GIB],
    )
  })

  it("counts that of each replica, too", () => {
    const { buffers, settings } = effectiveOf(answers(recorded("serve-dp2.log")), onCpu)
    assert.strictEqual(settings["replicas"], 2)
    assert.lengthOf(buffers, 2)
  })

  it("takes what each GPU had left where no bytes are configured, and no cache where an encoder has none", () => {
    const left = recorded("metrics.txt").replace(/kv_cache_memory_bytes="\d+"/, 'kv_cache_memory_bytes="None"')
    const { buffers, settings } = effectiveOf(answers(recorded("serve-tp2.log"), left), onCpu)
    assert.lengthOf(buffers, 2)
    assert.notProperty(settings, "kvCacheBytes")
    const none = recorded("metrics.txt").replace(/kv_cache_size_tokens="\d+"/, 'kv_cache_size_tokens="None"')
    const encoder = recorded("serve-eager.log").replace(/^.*KV cache.*$/gm, "")
    const effective = effectiveOf(answers(encoder, none), onCpu)
    assert.deepStrictEqual(effective.buffers, [])
    assert.notProperty(effective.settings, "kvCacheBytes")
  })

  it("says a server on the processor is no server on a GPU", () => {
    const { devices } = effectiveOf(answers(recorded("serve-eager.log")), onGpus("single", 1))
    assert.deepStrictEqual(devices, [CPU])
  })

  it("takes GPUs for proven only if there are as many processes as GPUs were shown", () => {
    const log = recorded("serve-tp2.log").replaceAll("device_config=cpu", "device_config=cuda")
    assert.deepStrictEqual(effectiveOf(answers(log), onGpus("tensor", 2)).devices, [gpuId(0), gpuId(1)])
    assert.deepStrictEqual(effectiveOf(answers(log), onGpus("tensor", 3)).devices, [])
    assert.deepStrictEqual(effectiveOf(answers(""), onGpus("single", 1)).devices, [])
  })

  it("answers by the names of the request", () => {
    const { settings } = effectiveOf(answers(recorded("serve-eager.log")), onCpu)
    const settingsRequested = requested(options({ dtype: "bfloat16", maxModelLen: 2048, kvCacheBytes: GIB }), onCpu)
    assert.containsAllKeys(settings, Object.keys(settingsRequested))
    assert.deepInclude(settings, { ...settingsRequested, enforceEager: true, prefixCaching: true })
  })
})

describe("cacheConfig", () => {
  it("reads the labels of one gauge, and nothing where it is missing", () => {
    assert.deepInclude(cacheConfig(recorded("metrics-no-prefix-cache.txt")), {
      enable_prefix_caching: "False",
      kv_cache_memory_bytes: "67108864",
    })
    assert.deepStrictEqual(cacheConfig("# nothing"), {})
  })
})
