import { assert, describe, it } from "@effect/vitest"
import { CPU, DeviceId, Placement, type Task } from "@rigbook/core"
import { nodeArguments, requested, serverArguments } from "../src/Arguments.ts"
import { meetingOf } from "../src/Nodes.ts"
import type { Options } from "../src/Options.ts"
import { GIB, gpuId, model, onCpu, onCpuIn, onGpus } from "./Model.ts"
import { options } from "./Options.ts"

const UNIT = {
  nodes: { address: "10.1.0.1", others: [{ name: "box2", address: "10.1.0.2", start: ["run-on", "box2"] }] },
  port: 4001,
} as const

const inputOf = (given: typeof Options.Encoded = {}, placement: Placement = onCpu, task: Task = "generate") => ({
  options: options(given),
  task,
  folder: "/m",
  model: model(),
  placement,
  port: 8000,
  nonce: "n",
  meeting: meetingOf(options(given), placement, UNIT),
})
const argumentsOf = (...input: Parameters<typeof inputOf>) => serverArguments(inputOf(...input))

/** The word after a flag; `undefined` where the flag is missing. */
const after = (words: ReadonlyArray<string>, flag: string): string | undefined =>
  words.includes(flag) ? words[words.indexOf(flag) + 1] : undefined

describe("serverArguments", () => {
  it("says everything that decides where the model lies and what a request costs", () => {
    assert.deepStrictEqual(
      argumentsOf().join(" "),
      [
        "serve /m --served-model-name n --host 127.0.0.1 --port 8000 --runner generate --max-model-len 4096",
        "--max-num-seqs 64 --dtype auto --kv-cache-dtype auto",
        `--kv-cache-memory-bytes ${GIB}`,
        "--tensor-parallel-size 1 --pipeline-parallel-size 1 --data-parallel-size 1",
        "--no-enable-prefix-caching --no-enforce-eager --enable-prompt-tokens-details --seed 0",
      ].join(" "),
    )
  })

  it("names the way to draft with all its numbers, and requests to find it in the log", () => {
    const config = (draftTokens: number) =>
      `{"method":"ngram","num_speculative_tokens":${draftTokens},"prompt_lookup_max":4,"prompt_lookup_min":2}`
    assert.strictEqual(after(argumentsOf({ speculation: "ngram" }), "--speculative-config"), config(4))
    assert.strictEqual(after(argumentsOf({ speculation: "ngram", draftTokens: 8 }), "--speculative-config"), config(8))
    assert.isUndefined(after(argumentsOf({ draftTokens: 8 }), "--speculative-config"))
    assert.deepInclude(requested(options({ speculation: "ngram" }), onCpu), { speculation: "ngram", draftTokens: 4 })
    assert.notProperty(requested(options({}), onCpu), "speculation")
  })

  it("passes options on", () => {
    const words = argumentsOf(
      {
        maxModelLen: 512,
        dtype: "float16",
        quantization: "fp8",
        kvCacheDtype: "fp8",
        kvCacheBytes: 7,
        maxSequences: 3,
      },
      onCpu,
      "embed",
    )
    assert.strictEqual(after(words, "--max-model-len"), "512")
    assert.strictEqual(after(words, "--dtype"), "float16")
    assert.strictEqual(after(words, "--quantization"), "fp8")
    assert.strictEqual(after(words, "--kv-cache-dtype"), "fp8")
    assert.strictEqual(after(words, "--kv-cache-memory-bytes"), "7")
    assert.strictEqual(after(words, "--max-num-seqs"), "3")
    assert.strictEqual(after(words, "--runner"), "pooling")
    assert.include(argumentsOf({ prefixCaching: true, enforceEager: true }), "--enable-prefix-caching")
    assert.include(argumentsOf({ enforceEager: true }), "--enforce-eager")
  })

  it("makes room for one longest request where 1 GiB does not", () => {
    const words = argumentsOf({ maxModelLen: 8 * 8192 })
    // And for the empty block of 128 tokens that vLLM keeps back.
    assert.strictEqual(after(words, "--kv-cache-memory-bytes"), `${(8 * 8192 + 128) * 30 * 2 * 3 * 64 * 2}`)
  })

  it.each([
    ["single", 1, "1 1 1"],
    ["tensor", 4, "4 1 1"],
    ["pipeline", 2, "1 2 1"],
    ["replicas", 3, "1 1 3"],
  ])("splits as the strategy %s over %i GPUs says, and leaves GPUs their share", (strategy, count, sizes) => {
    const words = argumentsOf({}, onGpus(strategy, count))
    const flags = ["--tensor-parallel-size", "--pipeline-parallel-size", "--data-parallel-size"]
    assert.strictEqual(flags.map((flag) => after(words, flag)).join(" "), sizes)
    assert.strictEqual(after(words, "--gpu-memory-utilization"), "0.92")
    assert.notInclude(words, "--kv-cache-memory-bytes")
  })

  it("starts so many processes on the processor as the placement says", () => {
    assert.strictEqual(after(argumentsOf({}, onCpuIn(3)), "--tensor-parallel-size"), "3")
    assert.strictEqual(after(argumentsOf({}, onCpuIn(2, "replicas")), "--data-parallel-size"), "2")
    assert.notInclude(argumentsOf({}, onCpuIn(3)), "--gpu-memory-utilization")
  })

  it("keeps experts whole where they are what is shared", () => {
    const words = argumentsOf({}, onGpus("expert", 4))
    assert.strictEqual(after(words, "--tensor-parallel-size"), "4")
    assert.include(words, "--enable-expert-parallel")
    assert.notInclude(argumentsOf({}, onGpus("tensor", 4)), "--enable-expert-parallel")
  })

  it("splits over several nodes, and says what is to be started on each of the others", () => {
    const two = {
      address: "10.0.0.1",
      port: 4000,
      others: [
        { address: "b", gpus: 2 },
        { address: "c", gpus: 2 },
      ],
    } as const
    const ids = ["GPU-0", "GPU-1", "b/0", "b/1", "c/0", "c/1"].map((id) => DeviceId.make(id))
    const placement = new Placement({ strategy: "nodes", devices: [ids[0]!, ...ids.slice(1)] })
    const first = argumentsOf({ nodes: two }, placement)
    const others = nodeArguments(inputOf({ nodes: two }, placement))
    for (const [rank, words] of [first, ...others].entries()) {
      assert.strictEqual(
        words.slice(words.indexOf("--tensor-parallel-size"), words.indexOf("--no-enable-prefix-caching")).join(" "),
        "--tensor-parallel-size 2 --pipeline-parallel-size 3 --data-parallel-size 1 " +
          `--nnodes 3 --node-rank ${rank} --master-addr 10.0.0.1 --master-port 4000`,
      )
      assert.strictEqual(words.includes("--headless"), rank > 0)
      assert.strictEqual(words.includes("--port"), rank === 0)
      assert.strictEqual(after(words, "--max-model-len"), "4096")
    }
    assert.lengthOf(others, 2)
    assert.deepStrictEqual(nodeArguments(inputOf({ nodes: two }, onGpus("tensor", 2))), [])
    assert.notInclude(argumentsOf({ nodes: two }, onGpus("tensor", 2)), "--nnodes")
  })

  it("meets the other machines of a unit at the addresses that its launcher gives", () => {
    const onGpu = [{ count: 2, gpus: 1 }, [gpuId(0), DeviceId.make("node2/0")], "1", "2"] as const
    const onProcessors = [{ count: 2 }, [CPU], "2", "1"] as const
    for (const [nodes, [first, ...rest], tensor, pipeline] of [onGpu, onProcessors]) {
      const placement = new Placement({ strategy: "nodes", devices: [first, ...rest], nodes: 2 })
      const others = nodeArguments(inputOf({ nodes }, placement))
      assert.lengthOf(others, 1)
      for (const [rank, words] of [argumentsOf({ nodes }, placement), ...others].entries()) {
        assert.strictEqual(after(words, "--tensor-parallel-size"), tensor)
        assert.strictEqual(after(words, "--pipeline-parallel-size"), pipeline)
        assert.include(words.join(" "), `--nnodes 2 --node-rank ${rank} --master-addr 10.1.0.1 --master-port 4001`)
      }
    }
  })
})
