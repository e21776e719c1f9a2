import { assert, describe, it } from "@effect/vitest"
import type { ImportedFile } from "@rigbook/core"
import { Result } from "effect"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { readImport } from "../../src/imports/ReadImport.ts"

type Json = Record<string, unknown>

const recorded = (name: string): Json => {
  const json = JSON.parse(readFileSync(join(import.meta.dirname, "recorded", `${name}.json`), "utf8")) as Json | [Json]
  return Array.isArray(json) ? json[0] : json
}
const without = (json: Json, ...keys: ReadonlyArray<string>): Json =>
  Object.fromEntries(Object.entries(json).filter(([key]) => !keys.includes(key)))
const read = (...documents: ReadonlyArray<Json>): ImportedFile =>
  Result.getOrThrow(readImport(documents.map((one) => JSON.stringify(one)).join("\n")))
const refusal = (json: unknown): string => Result.getOrThrow(Result.flip(readImport(JSON.stringify(json))))
const names = (file: ImportedFile, at = 0) => file.results[at]!.figures.map(({ name }) => name)
const workloads = (file: ImportedFile) => file.results.map(({ workload }) => workload)

describe("vllm bench serve", () => {
  const vllm = recorded("vllm-bench-serve")

  it("tells how many requests did not complete, with a key for failed ones or without", () => {
    const requested = { ...vllm, num_prompts: 100, completed: 2 }
    assert.include(workloads(read({ ...requested, failed: 98 }))[0], "2 of 100 requests (98 failed)")
    assert.include(workloads(read({ ...requested, failed: 0 }))[0], "2 of 100 requests (98 did not complete)")
    assert.include(workloads(read(without(requested, "failed")))[0], "2 of 100 requests (98 did not complete)")
    assert.include(workloads(read({ ...requested, failed: 3 }))[0], "2 of 100 requests (3 failed, 95 did not complete)")
  })

  it("leaves out all figures of a run in which no request completed", () => {
    const { figures, leftOut } = read({ ...vllm, completed: 0, failed: 6 }).results[0]
    assert.deepStrictEqual(figures, [])
    assert.deepInclude(leftOut, { name: "ttft", reason: "no request completed" })
    assert.deepInclude(leftOut, { name: "output_throughput", reason: "no request completed" })
  })

  it("leaves out zeros that say that nothing was measured, as of answers of one token or without streaming", () => {
    const file = read({ ...vllm, median_tpot_ms: 0, p99_tpot_ms: 0, median_itl_ms: 0, median_ttft_ms: -0.001 })
    assert.notIncludeMembers(names(file), ["tpot"])
    assert.notIncludeMembers(names(file), ["itl"])
    assert.notIncludeMembers(names(file), ["ttft"])
    assert.deepInclude(file.results[0].leftOut, { name: "tpot", reason: "the file says 0 ms: nothing was measured" })
  })

  it("names NaN and Infinity, which JSON has not", () => {
    const text = JSON.stringify({ ...vllm, median_ttft_ms: 1, std_ttft_ms: 2, label: 'NaN, \\" Infinity' })
      .replace('"median_ttft_ms":1', '"median_ttft_ms": NaN')
      .replace('"std_ttft_ms":2', '"std_ttft_ms":-Infinity')
      .replace('"request_rate":"inf"', '"request_rate":Infinity')
    const [result] = Result.getOrThrow(readImport(text)).results
    assert.deepInclude(result.leftOut, { name: "ttft", reason: "the file says NaN" })
    assert.include(result.workload, "rate inf")
  })

  it("takes what was appended, and tells the runs apart by what they were sent, else by their place", () => {
    const more = { ...vllm, max_concurrency: 8, tokenizer_id: "another", median_ttft_ms: 900.5 }
    const file = read(vllm, more)
    assert.strictEqual(file.results[1]!.figures[0]!.value, 900.5)
    assert.include(workloads(file)[0], "tokenizer_id smollm2-135m-instruct-hf")
    assert.include(
      workloads(file)[1],
      "8 at once, rate inf, 1536 prompt and 384 output tokens in total, tokenizer_id another",
    )
    assert.match(workloads(read(vllm, vllm))[1]!, /, run 2 of 2$/)
    // A sweep's summary is an array, with what it varied beside the results.
    const swept = Result.getOrThrow(
      readImport(
        JSON.stringify([
          { ...vllm, max_num_seqs: 32 },
          { ...vllm, max_num_seqs: 64 },
        ]),
      ),
    )
    assert.match(workloads(swept)[1]!, /, max_num_seqs 64$/)
    // Documents over several lines, one after the other.
    const pretty = [vllm, more].map((one) => JSON.stringify(one, null, 2)).join("\n")
    assert.lengthOf(Result.getOrThrow(readImport(pretty)).results, 2)
  })

  it("takes files of pooling models, which have no output", () => {
    const times = Object.keys(vllm).filter((key) => /_(ttft|tpot|itl)_ms$/.test(key))
    const pooled = {
      ...without(vllm, ...times, "total_output_tokens", "output_throughput", "failed"),
      endpoint_type: "openai-embeddings",
      median_e2el_ms: 12,
      p99_e2el_ms: 20,
    }
    const [result] = read(pooled).results
    assert.strictEqual(result.task, "embed")
    assert.deepStrictEqual(
      result.figures.map(({ metric, name }) => [name, metric]),
      [
        ["e2el", undefined],
        ["total_token_throughput", "embed_tokens_per_s"],
        ["request_throughput", undefined],
      ],
    )
  })

  it("takes files of earlier releases, and of chosen times", () => {
    const old = without(vllm, "endpoint_type", "failed", "max_concurrency", "label", "median_itl_ms", "rtfx")
    assert.deepStrictEqual(names(read(old)), ["ttft", "tpot", "output_throughput", "request_throughput"])
  })

  it("says what is missing", () => {
    assert.strictEqual(
      refusal(without(vllm, "completed")),
      'it looks like a file of vllm bench serve, but its key "completed" is missing',
    )
    assert.include(refusal([vllm, without(vllm, "completed")]), 'in document 2 its key "completed" is missing')
    assert.include(refusal([vllm, recorded("llama-bench")]), "its document 2 is not from vllm bench serve")
    assert.include(refusal({ model_id: "m", num_prompts: 1, completed: 1 }), "it has none of the figures")
  })
})

describe("llama-bench", () => {
  const row = { ...recorded("llama-bench"), backends: "CUDA", n_gpu_layers: 99 }

  it("has in a row's name how it was run, so that no two have one name", () => {
    const file = read(
      row,
      { ...row, n_gpu_layers: 0 },
      { ...row, type_k: "q8_0", type_v: "q8_0" },
      { ...row, flash_attn: true },
      { ...row, split_mode: "row", devices: "CUDA0/CUDA1" },
      { ...row, n_batch: 512, n_ubatch: 128 },
      { ...row, poll: 0 },
    )
    const usual = "pp128, 2 threads, built for CUDA"
    assert.deepStrictEqual(
      workloads(file),
      [
        "ngl 99, poll 50",
        "ngl 0 (no layer on a GPU), poll 50",
        "ngl 99, type_k q8_0, type_v q8_0, poll 50",
        "ngl 99, fa 1, poll 50",
        "ngl 99, sm row, dev CUDA0/CUDA1, poll 50",
        "ngl 99, n_batch 512, n_ubatch 128, poll 50",
        "ngl 99, poll 0",
      ].map((how) => `${usual}, ${how}`),
    )
    assert.include(workloads(read({ ...row, n_gpu_layers: -1 }))[0], "ngl auto")
  })

  it("tells builds apart, and has no version of all", () => {
    const file = read(row, { ...row, build_number: 6000 })
    assert.notProperty(file, "version")
    assert.deepStrictEqual(
      workloads(file).map((workload) => workload.split(", ").at(-1)),
      ["build b11669", "build b6000"],
    )
    assert.strictEqual(read({ ...row, build_number: 0, build_commit: "abc1234" }).version, "abc1234")
  })

  it("takes rows of before depth and backends were reported", () => {
    const old = { ...without(row, "n_depth", "backends"), cuda: true, metal: false }
    assert.match(workloads(read(old))[0]!, /^pp128, 2 threads, built for CUDA, ngl 99/)
  })

  it("leaves out speeds of nothing", () => {
    const { figures, leftOut } = read({ ...row, samples_ts: [0, 10] }).results[0]
    assert.deepStrictEqual(figures, [])
    assert.deepStrictEqual(leftOut, [{ name: "pp128", reason: "the file says 0 tokens/s: nothing was measured" }])
  })

  it("is recognized by its CSV", () => {
    const csv = "build_commit,build_number\nabc,1\n"
    assert.include(Result.getOrThrow(Result.flip(readImport(csv))), "llama-bench's CSV")
  })
})

describe("sglang.bench_serving", () => {
  const line = {
    backend: "sglang",
    dataset_name: "random",
    random_input_len: 64,
    request_rate: 8,
    max_concurrency: 8,
    completed: 16,
    total_input_tokens: 1024,
    total_output_tokens: 512,
    request_throughput: 3,
    output_throughput: 98.4,
    median_ttft_ms: 78,
    median_tpot_ms: 24.8,
    median_itl_ms: 24,
    median_e2e_latency_ms: 900,
  }

  it("takes its lines, and says that the number of requests is not reported", () => {
    const [result] = read(line, { ...line, request_rate: 16 }).results
    assert.include(result.workload, "16 requests completed (the file does not state how many were sent)")
    assert.strictEqual(result.model, "not stated in the file")
    const metrics = Object.fromEntries(result.figures.map(({ metric, name }) => [name, metric]))
    assert.deepInclude(metrics, { ttft: "ttft", output_throughput: "output_tps" })
    for (const name of ["itl", "tpot", "e2e_latency"]) assert.isUndefined(metrics[name], name)
  })

  it("counts what failed where each request is reported, and names model and version where the server did", () => {
    const detailed = {
      ...line,
      errors: [...Array<string>(16).fill(""), "refused"],
      server_info: { model_path: "m", version: "0.5.5" },
    }
    const file = read(detailed)
    assert.deepInclude(file, { version: "0.5.5" })
    assert.strictEqual(file.results[0].model, "m")
    assert.include(workloads(file)[0], "16 of 17 requests (1 failed)")
  })
})

describe("GuideLLM", () => {
  const report = recorded("guidellm") as { benchmarks: [{ metrics: Json; config: Json; start_time: number }] }
  const [benchmark] = report.benchmarks

  it("tells errors and requests that were cut short", () => {
    const totals = { successful: 2, errored: 90, incomplete: 8, total: 100 }
    const file = read({
      ...report,
      benchmarks: [{ ...benchmark, metrics: { ...benchmark.metrics, request_totals: totals } }],
    })
    assert.deepStrictEqual(workloads(file), ["concurrent 4, 2 of 100 requests (90 failed, 8 cut short)"])
    const none = { ...totals, successful: 0 }
    const empty = read({
      ...report,
      benchmarks: [{ ...benchmark, metrics: { ...benchmark.metrics, request_totals: none } }],
    })
    assert.deepStrictEqual(empty.results[0].figures, [])
  })

  it("tells benchmarks of a sweep apart by their rates", () => {
    const at = (rate: number) => ({
      ...benchmark,
      config: { ...benchmark.config, strategy: { type_: "constant", rate } },
    })
    assert.deepStrictEqual(workloads(read({ ...report, benchmarks: [at(1.5), at(3)] })), [
      "constant 1.5 requests/s, 16 of 16 requests",
      "constant 3 requests/s, 16 of 16 requests",
    ])
  })

  it("takes reports of 0.2 and 0.3, which have no version, and of 0.5", () => {
    const { request_totals, ...metrics } = benchmark.metrics
    const old = {
      args: { strategy: { type_: "concurrent", streams: 4 } },
      run_stats: { start_time: benchmark.start_time },
      worker: { backend_model: "synth" },
      request_totals,
      metrics,
    }
    const now = read(report as unknown as Json)
    const file = read({ benchmarks: [old] })
    assert.deepStrictEqual(file.results, now.results)
    assert.strictEqual(file.measuredAt, now.measuredAt)
    assert.notProperty(file, "version")
    const middle = {
      metadata: { version: 1, guidellm_version: "0.5.0" },
      args: { model: "synth" },
      benchmarks: report.benchmarks,
    }
    assert.deepStrictEqual(read(middle).results, now.results)
  })

  it("says what is missing", () => {
    const { request_totals: _, ...metrics } = benchmark.metrics
    assert.include(
      refusal({ ...report, benchmarks: [{ ...benchmark, metrics }] }),
      '"benchmarks.metrics.request_totals" is missing',
    )
  })
})

describe("AIPerf", () => {
  const report = recorded("aiperf")

  it("tells errors, by their count or their summary, and that a run was cancelled", () => {
    const count = { ...report, error_request_count: { unit: "requests", avg: 64 } }
    assert.include(workloads(read(count))[0], "16 of 80 requests (64 failed)")
    const summary = {
      ...report,
      error_summary: [
        { error_details: {}, count: 60 },
        { error_details: {}, count: 4 },
      ],
    }
    assert.include(workloads(read(summary))[0], "16 of 80 requests (64 failed)")
    assert.include(workloads(read({ ...report, was_cancelled: true }))[0], "the run was cancelled")
  })

  it("takes runs without streaming, of embeddings, and those in which nothing completed", () => {
    const plain = without(report, "time_to_first_token", "inter_token_latency", "inter_chunk_latency")
    assert.deepStrictEqual(names(read(plain)), ["request_latency", "output_token_throughput", "request_throughput"])
    const embedded = {
      ...without(plain, "output_token_throughput"),
      input_config: { ...(report["input_config"] as Json), endpoint: { type: "embeddings" } },
    }
    const [result] = read(embedded).results
    assert.strictEqual(result.task, "embed")
    for (const { metric } of result.figures) assert.isUndefined(metric)
    const failed = read({ ...without(report, "request_count"), error_summary: [{ count: 5 }] })
    assert.deepStrictEqual(failed.results[0].figures, [])
    assert.include(workloads(failed)[0], "0 of 5 requests (5 failed)")
  })

  it("takes early files, which name the model with the endpoint and have no version", () => {
    const early = {
      ...without(report, "aiperf_version", "start_time"),
      input_config: { endpoint: { model_names: ["m"], type: "chat" } },
    }
    assert.strictEqual(read(early).results[0].model, "m")
  })

  it("counts the answers behind a time, not all of them", () => {
    const some = { ...report, inter_token_latency: { ...(report["inter_token_latency"] as Json), count: 5 } }
    const figure = read(some).results[0].figures.find(({ name }) => name === "inter_token_latency")
    assert.strictEqual(figure!.n, 5)
  })
})

describe("lm-eval and mteb", () => {
  const report = recorded("lm-eval")
  const task = (name: string, values: Json, more: Json = {}) => ({
    ...without(report, "higher_is_better", "n-samples", "configs"),
    results: { [name]: values },
    ...more,
  })

  it("takes the direction from the file, then from the metric's name, and never guesses", () => {
    const { figures, leftOut } = read(
      task("t", { "word_perplexity,none": 12, "acc,none": 0.9, "odd,none": 3, "perplexity,none": 5, sample_len: 8 }),
    ).results[0]
    assert.deepStrictEqual(
      figures.map(({ better, name }) => [name, better]),
      [
        ["word_perplexity", "lower"],
        ["acc", "higher"],
        ["perplexity", "lower"],
      ],
    )
    assert.deepStrictEqual(leftOut, [
      { name: "odd", reason: "the file does not state whether higher or lower is better" },
    ])
    const reported = task("t", { "odd,none": 3 }, { higher_is_better: { t: { odd: false } } })
    assert.strictEqual(read(reported).results[0].figures[0]!.better, "lower")
  })

  it("says that an accuracy is at chance level", () => {
    const values = (acc: number) => ({ "acc,none": acc, "acc_stderr,none": 0.01 })
    const difference = (name: string, acc: number, more?: Json) =>
      read(task(name, values(acc), more)).results[0].figures[0]!.difference
    assert.include(difference("mmlu_anatomy", 0.26), "no better than guessing one of 4 answers")
    assert.notInclude(difference("mmlu_anatomy", 0.5), "guessing")
    assert.include(difference("winogrande", 0.5), "no better than guessing one of 2 answers")
    assert.include(difference("own", 0.3, { configs: { own: { doc_to_choice: ["a", "b", "c"] } } }), "one of 3 answers")
    assert.notInclude(difference("own", 0.01), "guessing")
  })

  it("tells how many of a task's questions were sent", () => {
    const samples = { "n-samples": { t: { original: 14_042, effective: 100 } } }
    assert.include(workloads(read(task("t", { "acc,none": 0.9 }, samples)))[0], "100 of 14042 questions")
  })

  it("takes files of before 0.4.3 and of 0.3", () => {
    const old = {
      results: { hellaswag: { acc: 0.5, acc_stderr: 0.01 } },
      versions: { hellaswag: 0 },
      config: { model: "hf-causal", model_args: "pretrained=gpt2,dtype=float", num_fewshot: 0 },
    }
    const [result] = read(old).results
    assert.strictEqual(result.model, "gpt2")
    assert.deepInclude(result.figures[0], { name: "acc", value: 0.5, error: 0.01, better: "higher" })
  })

  it("names NaN", () => {
    const text = JSON.stringify(recorded("mteb")).replace('"main_score":0.77114', '"main_score":NaN')
    const [result] = Result.getOrThrow(readImport(text)).results
    assert.deepInclude(result.leftOut, { name: "main score, test", reason: "the file says NaN" })
  })
})

describe("what is no result file", () => {
  it("is recognized by its form", () => {
    assert.include(
      refusal({ elapsed_time: 1, num_requests: 2, tokens_per_second: 3 }),
      "it looks like vllm bench throughput",
    )
    assert.include(refusal({ metadata: {}, metrics: {} }), "import profile_export_aiperf.json")
    const cut = Result.getOrThrow(Result.flip(readImport(`${JSON.stringify(recorded("mteb"))}\n{"a": [1,`)))
    assert.include(cut, "what begins in line 2 is incomplete or invalid")
  })
})
