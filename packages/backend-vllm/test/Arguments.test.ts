import { assert, describe, it } from "@effect/vitest"
import type { Placement, Task } from "@rigbook/core"
import { serverArguments } from "../src/Arguments.ts"
import type { Options } from "../src/Options.ts"
import { GIB, model, onCpu, onGpus } from "./Model.ts"
import { options } from "./Options.ts"

const argumentsOf = (given: typeof Options.Encoded = {}, placement: Placement = onCpu, task: Task = "generate") =>
  serverArguments({ options: options(given), task, folder: "/m", model: model(), placement, port: 8000, nonce: "n" })

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
    assert.strictEqual(after(words, "--kv-cache-memory-bytes"), `${8 * 8192 * 30 * 2 * 3 * 64 * 2}`)
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

  it("starts so many processes on the processor as are asked for", () => {
    assert.strictEqual(after(argumentsOf({ tensorParallel: 3 }), "--tensor-parallel-size"), "3")
    assert.notInclude(argumentsOf({ tensorParallel: 3 }), "--gpu-memory-utilization")
  })
})
