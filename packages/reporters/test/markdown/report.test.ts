import { assert, describe, expect, it } from "@effect/vitest"
import { ModelFacts, reason, verdictOf } from "@rigbook/core"
import { makeRegistry } from "@rigbook/registry"
import { csv, markdown } from "../../src/index.ts"
import { around, embeddingRun, failedRun, languageRun, value } from "../fixtures.ts"
import { allPages } from "../pages.ts"

describe("markdown.report", () => {
  it("renders a run with all that was observed", () => {
    const verdict = verdictOf([reason("noisy", "TTFT varies by 12 %")])
    const values = [
      value("ttft", "Time to first token", "ms", [41.2, null, 43.9]),
      value("memory_peak", "Peak memory", "B", around(2 ** 30).slice(0, 3)),
    ]
    expect(markdown.report([languageRun({ values, verdict })])).toMatchInlineSnapshot(`
      "<!-- Generated, don't edit: run \`rigbook report 20251002T101500Z-tiny-llama-1a2b\`. -->

      # Benchmark report

      ## Summary

      One run. "–" means not measured, never zero. Struck-through figures come from invalid runs: they don't mean what they say.

      | model | quantization (bits per weight) | backend | placement | scenario | TTFT (ms) | decode (tokens/s) | prefill (tokens/s) | peak memory | verdict | record |
      | :- | :- | :- | :- | :- | -: | -: | -: | -: | :- | :- |
      | Tiny Llama 1B | Q4_K_M (4.85) | llamacpp | single: GPU 0 NVIDIA RTX 5090 | latency-short-chat-2x128 | 42.55 | – | – | 1018 MiB | suspect: noisy | [record](../raw/20251002T101500Z-tiny-llama-1a2b/record.json) |

      ## 1. Tiny Llama 1B on single: GPU 0 NVIDIA RTX 5090: latency-short-chat-2x128

      Record [20251002T101500Z-tiny-llama-1a2b](../raw/20251002T101500Z-tiny-llama-1a2b/record.json), from 2025-10-02T10:15:00.000Z to 2025-10-02T10:17:00.000Z.

      Verdict: **suspect**.

      - \`noisy\` (suspect): TTFT varies by 12 %. Close other programs and run again with --fresh.

      ### Figures

      | metric | median | 95 % interval | CV (%) | trials | record |
      | :- | -: | -: | -: | -: | :- |
      | Time to first token (ms) | 42.55 | – | 4.49 | 2 | [record](../raw/20251002T101500Z-tiny-llama-1a2b/record.json) |
      | Peak memory | 1018 MiB | – | 0.928 | 3 | [record](../raw/20251002T101500Z-tiny-llama-1a2b/record.json) |

      ### Conditions

      - Host: AMD Ryzen 9 9950X, 32 logical cores, 64.00 GiB memory; Ubuntu 24.04, kernel 6.8.0 (host-4f1c); GPUs used: NVIDIA RTX 5090 (31.84 GiB, driver 580.65)
      - Runtime: llama-server b6940, with cuda 13.0, ggml 0.9.4
      - Placement: requested single: GPU 0 NVIDIA RTX 5090; effective GPU 0 NVIDIA RTX 5090
      - Prompts: short-chat, 8 of them, licence CC0-1.0
      - Load average before the run: 0.420
      - Busy share of all cores before the run: 3.10 %
      - Free memory before the run: 50.00 GiB
      - Rigbook 0.1.0, Node 24.21.0
      - Git revision: 1f3c9a2, with uncommitted changes

      ### Requested, effective, observed

      | setting | requested | effective | observed |
      | :- | :- | :- | :- |
      | devices | GPU 0 NVIDIA RTX 5090 | GPU 0 NVIDIA RTX 5090 | – |
      | contextLength | 4096 | 4096 | – |
      | flashAttention | true | true | – |
      | threads | – | 16 | – |
      | peak resident memory | – | – | 1.100 GiB |

      ### Engine buffers

      | device | kind | size |
      | :- | :- | -: |
      | CUDA0 | model | 636.0 MiB |
      | CUDA0 | kv | 88.00 MiB |
      | CUDA0 | all | 724.0 MiB |
      | CPU | model | 35.00 MiB |
      | CPU | all | 35.00 MiB |

      ### Trials

      | trial | Time to first token (ms) | Peak memory |
      | -: | -: | -: |
      | 1 | 41.20 | 1014 MiB |
      | 2 | – | 1032 MiB |
      | 3 | 43.90 | 1018 MiB |

      ## Methodology

      Every run has 3 warm-up and 10 measured trials. Each measured trial gives one value; a figure is the median of these values. Its interval consists of order statistics of the trials and holds the true median with 95 % confidence or more; below six trials there is none. CV is the sample standard deviation divided by the mean. Times come from one monotonic clock, outside the engine.

      ### Hardware

      - Host host-4f1c: AMD Ryzen 9 9950X, 32 logical cores, 64.00 GiB memory, NVIDIA RTX 5090 (31.84 GiB, driver 580.65); Ubuntu 24.04, kernel 6.8.0: 1 run

      ### Software

      - llamacpp: llama-server b6940, with cuda 13.0, ggml 0.9.4; Rigbook 0.1.0, Node 24.21.0: 1 run

      ### Test data

      - short-chat, 8 prompts, licence CC0-1.0, SHA-256 aaaaaaaaaaaa: 1 run

      ### Metrics captured

      - **Time to first token** (\`ttft\`, ms, lower is better): time of the first chunk with a token − time the request was sent.
      - **Peak memory** (\`memory_peak\`, B, lower is better): largest resident memory of the engine's process tree while a trial ran.
      "
    `)
  })

  it("renders a failure with the end of the log", () => {
    const text = markdown.report([failedRun()])
    expect(text.slice(text.indexOf("## 1."), text.indexOf("### Conditions"))).toMatchInlineSnapshot(`
      "## 1. Tiny Llama 1B on cpu: latency-short-chat-2x128

      Record [20251004T120000Z-tiny-llama-5e6f](../raw/20251004T120000Z-tiny-llama-5e6f/record.json), from 2025-10-04T12:00:00.000Z to 2025-10-04T12:00:05.000Z.

      Verdict: **invalid**.

      - \`failed\` (invalid): llama-server ended with code 1. Read the end of the engine's log, fix the cause and run again.
      - Crashed (llamacpp): llama-server ended with code 1. Read the log.

      "
    `)
    expect(text.slice(text.indexOf("### Requested"), text.indexOf("## Methodology"))).toMatchInlineSnapshot(`
      "### Requested, effective, observed

      | setting | requested | effective | observed |
      | :- | :- | :- | :- |
      | devices | cpu | – | – |
      | contextLength | 4096 | – | – |
      | flashAttention | true | – | – |
      | peak resident memory | – | – | not measured: the engine ended before a reading |

      ### Trials

      No trial gave a value.

      ### End of the engine's log

      \`\`\`\`\`text
      load_model: error
      \`\`\`\` out of memory \`\`\`\`
      \`\`\`\`\`

      "
    `)
  })

  it("shows each turn of a conversation, and not what is unknown", () => {
    const turns = [
      { turn: 0, inputTokens: 50, cachedTokens: 0, ttftMs: 110, tpotMs: 10 },
      { turn: 1, inputTokens: 100, cachedTokens: 75, ttftMs: 40 },
      { turn: 2, inputTokens: 150, ttftMs: 41.5 },
    ]
    const text = markdown.report([languageRun({ turns })])
    expect(text.slice(text.indexOf("### Turns"), text.indexOf("### Conditions"))).toMatchInlineSnapshot(`
      "### Turns

      Medians over the trials.

      | turn | prompt (tokens) | from the cache (%) | TTFT (ms) | TPOT (ms) |
      | -: | -: | -: | -: | -: |
      | 1 | 50 | 0 | 110.0 | 10.00 |
      | 2 | 100 | 75.0 | 40.00 | – |
      | 3 | 150 | – | 41.50 | – |

      "
    `)
    assert.notInclude(markdown.report([languageRun()]), "### Turns")
  })

  it("names each process of an engine that has several", () => {
    const processes = [
      { pid: 12, name: "VLLM::Worker_TP0", peakRssBytes: 3 * 2 ** 30 },
      { pid: 13, name: "VLLM::Worker_TP1|<b>", peakRssBytes: 2 ** 30 },
    ]
    const observed = { peakRssBytes: { value: 4 * 2 ** 30 }, processes }
    const text = markdown.report([languageRun({ observed })])
    expect(text.slice(text.indexOf("### Processes"), text.indexOf("### Trials"))).toMatchInlineSnapshot(`
      "### Processes

      | process | pid | peak resident memory |
      | :- | -: | -: |
      | VLLM::Worker_TP0 | 12 | 3.000 GiB |
      | VLLM::Worker_TP1\\|&lt;b&gt; | 13 | 1.000 GiB |

      Resident sets (RSS) over the measured trials: pages that processes share count in each of them.

      "
    `)
    const one = { ...observed, processes: processes.slice(0, 1) }
    assert.notInclude(markdown.report([languageRun({ observed: one })]), "### Processes")
  })

  it("says which file's weights were unpacked: they are no more exact than they were there", () => {
    const unpackedFrom = {
      format: "gguf",
      quantization: "Q4_1",
      bitsPerWeight: 5.7437,
      sha256: "e".repeat(64),
    } as const
    const model = new ModelFacts({
      format: "safetensors",
      architecture: "llama",
      parameters: 1000,
      quantization: "BF16",
      bitsPerWeight: 16,
      weightBytes: 2000,
      fileBytes: 2100,
      chatTemplate: true,
      sha256: "f".repeat(64),
      unpackedFrom,
    })
    const unpacked = languageRun({ cell: { model } })
    assert.include(markdown.report([unpacked]), "| BF16, unpacked from Q4_1 (5.74) |")
    assert.include(allPages(makeRegistry([unpacked], [])), "| BF16, unpacked from Q4_1 | 16.0 |")
    assert.include(csv.report([unpacked]), ",BF16,16,Q4_1,")
  })

  it("says why a metric is missing", () => {
    assert.include(
      markdown.report([embeddingRun()]),
      "- Peak memory was not measured: no readings: /proc is not there.",
    )
  })

  it("puts runs in the order of time", () => {
    assert.strictEqual(
      markdown.report([failedRun(), embeddingRun(), languageRun()]),
      markdown.report([languageRun(), embeddingRun(), failedRun()]),
    )
  })

  it("helps where no record was given", () => {
    assert.include(markdown.report([]), "No records were given")
  })
})
