import { assert, describe, it } from "@effect/vitest"
import type { ImportedFile } from "@rigbook/core"
import { METRICS } from "@rigbook/records"
import { Result } from "effect"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { readImport } from "../../src/imports/ReadImport.ts"

const textOf = (name: string): string => readFileSync(join(import.meta.dirname, "recorded", name), "utf8")
const read = (name: string): ImportedFile => Result.getOrThrow(readImport(textOf(name)))
const figures = ({ results }: ImportedFile) =>
  Object.fromEntries(
    results.flatMap((result) => result.figures.map(({ metric, name, value }) => [name, { metric, value }])),
  )

describe("readImport", () => {
  it("takes llama-bench's bare speeds for what they are, from JSON and JSON lines", () => {
    for (const name of ["llama-bench.json", "llama-bench.jsonl"]) {
      const file = read(name)
      assert.deepInclude(file, { tool: "llama-bench", version: "b11669" })
      assert.deepStrictEqual(
        file.results.map(({ model, workload }) => [model, workload]),
        ["pp128", "tg32"].map((test) => [
          "SmolLM2-135M-Instruct.Q4_1.gguf (llama 256M Q4_1)",
          `${test}, 2 threads, built for CPU`,
        ]),
      )
      assert.isUndefined(figures(file)["pp128"]!.metric)
    }
    const [prompt] = read("llama-bench.json").results[0].figures
    assert.deepInclude(prompt, { value: 487.647, statistic: "median", n: 3 })
    assert.approximately(prompt!.deviation!, 72.0146, 1e-3) // the tool's own stddev_ts
    const [line] = textOf("llama-bench.jsonl").split("\n")
    assert.strictEqual(Result.getOrThrow(readImport(line!)).results.length, 1)
  })

  it("takes vLLM's ITL for our inter-chunk latency", () => {
    const file = read("vllm-bench-serve.json")
    assert.notProperty(file, "version")
    const { itl, output_throughput, request_throughput, tpot, ttft } = figures(file)
    assert.deepStrictEqual(ttft, { metric: "ttft", value: 173.43922350005414 })
    assert.deepStrictEqual(tpot, { metric: "tpot", value: 15.851415746030598 })
    assert.deepStrictEqual(itl, { metric: "icl", value: 15.579179000269505 })
    assert.deepStrictEqual(output_throughput, { metric: "output_tps", value: 54.0507656995111 })
    assert.isUndefined(request_throughput!.metric)
    const { leftOut } = file.results[0]
    assert.deepInclude(leftOut, { name: "ttft p99", reason: "it needs 299 requests, there were 6" })
    assert.isTrue(leftOut.some(({ name }) => name === "total_token_throughput"))
  })

  it("takes GuideLLM's ITL for our TPOT, and leaves out its TPOT, which contains the first token", () => {
    const file = read("guidellm.json")
    assert.strictEqual(file.version, "0.8.1")
    const found = figures(file)
    assert.strictEqual(found["time_to_first_token_ms"]!.metric, "ttft")
    assert.deepStrictEqual(found["inter_token_latency_ms"], { metric: "tpot", value: 19.920523204500714 })
    assert.notProperty(found, "time_per_output_token_ms")
    assert.isUndefined(found["request_latency"]!.metric)
    // 16 requests of 64 tokens within 5.656 s
    assert.approximately(found["output_tokens_per_second"]!.value, 1024 / 5.6561362743377686, 0.01)
    const { leftOut, workload } = file.results[0]
    assert.strictEqual(workload, "concurrent 4, 16 of 16 requests")
    assert.isTrue(leftOut.some(({ name }) => name === "time_per_output_token_ms"))
    assert.deepInclude(leftOut, { name: "inter_token_latency_ms p95", reason: "it needs 59 requests, there were 16" })
  })

  it("takes AIPerf's ITL for our TPOT", () => {
    const file = read("aiperf.json")
    assert.strictEqual(file.version, "0.13.0")
    const found = figures(file)
    assert.deepStrictEqual(found["inter_token_latency"], { metric: "tpot", value: 19.927567198412696 })
    assert.deepStrictEqual(found["inter_chunk_latency"], { metric: "icl", value: 19.99035 })
    assert.strictEqual(found["time_to_first_token"]!.metric, "ttft")
    assert.strictEqual(found["request_latency"]!.metric, "e2e")
    assert.strictEqual(file.results[0].workload, "16 requests, 3.9 at once on average")
  })

  it("takes lm-eval's and mteb's scores with their error, and for no speed", () => {
    const evaluated = read("lm-eval.json")
    assert.deepStrictEqual([evaluated.tool, evaluated.version], ["lm-eval", "0.4.13"])
    const [accuracy] = evaluated.results[0].figures
    assert.deepInclude(accuracy, { name: "acc", value: 0.375, n: 8, error: 0.18298126367784995, better: "higher" })
    assert.strictEqual(evaluated.results[0].workload, "arithmetic_local (version 1), 0 examples shown")
    const embedded = read("mteb.json")
    assert.deepInclude(embedded.results[0].figures[0], { name: "main score, test", value: 0.77114 })
    for (const { results } of [evaluated, embedded])
      for (const { metric } of results.flatMap((result) => result.figures)) assert.isUndefined(metric)
  })

  it.each(["llama-bench.json", "vllm-bench-serve.json", "guidellm.json", "aiperf.json", "lm-eval.json", "mteb.json"])(
    "names a Rigbook's metric or a difference for each figure of %s, and the same unit",
    (name) => {
      for (const figure of read(name).results.flatMap((result) => result.figures)) {
        assert.notStrictEqual(figure.metric === undefined, figure.difference === undefined, figure.name)
        if (figure.metric === undefined) continue
        const ours = METRICS.find(({ id }) => id === figure.metric)!
        assert.deepStrictEqual([figure.unit, figure.better], [ours.unit, ours.better])
      }
    },
  )

  it("says of any other file that it can't be imported", () => {
    for (const text of ["{}", "[]", '{"a":1}\n{"a":2}\n', "null", ""])
      assert.include(Result.getOrThrow(Result.flip(readImport(text))), "it is not a result file of llama-bench, vllm")
    assert.strictEqual(Result.getOrThrow(Result.flip(readImport("model: x"))), "it is neither JSON nor JSON lines")
  })
})
