import { assert, describe, expect, it } from "@effect/vitest"
import { BackendError, Crashed, Host, reason, verdictOf } from "@rigbook/core"
import { makeRegistry } from "@rigbook/registry"
import { markdown } from "../../src/index.ts"
import { batchRun, embeddingRun, failedRun, languageRun } from "../fixtures.ts"
import { cellPipes, Hostile } from "../hostile.ts"

const NOTE = { model: "mini-lm", path: "models/notes/mini-lm.md", text: "Fast, **small**.\n\nNo <b>tags</b>.\n" }

const page = (...records: Parameters<typeof makeRegistry>[0]) => markdown.registry(makeRegistry(records, [NOTE]))

describe("markdown.registry", () => {
  it("renders the whole page", () => {
    expect(page(embeddingRun(), failedRun(), languageRun())).toMatchInlineSnapshot(`
      "<!-- Generated, don't edit: run \`rigbook registry\`. -->

      # Models registry

      Date of the latest record: 2025-10-04 (UTC). Each figure names its record. "–" means not measured, never zero. Struck-through figures come from invalid runs: they don't mean what they say.

      - [Language models](#language-models)
      - [Embedding models](#embedding-models)
      - [MiniLM L12 v2](#model-mini-lm)
      - [Tiny Llama 1B](#model-tiny-llama)
      - [Model categories](#model-categories)
      - [Performance comparison](#performance-comparison)
      - [Methodology](#methodology)

      ## Language models

      | model | quantization (bits per weight) | backend | placement | scenario | TTFT (ms) | decode (tokens/s) | prefill (tokens/s) | peak memory | verdict | record |
      | :- | :- | :- | :- | :- | -: | -: | -: | -: | :- | :- |
      | Tiny Llama 1B | Q4_K_M (4.85) | llamacpp | single: GPU 0 NVIDIA RTX 5090 | latency-short-chat-2x128 | 41.24 | 187.3 | 12346 | 1.000 GiB | valid | [record](../benchmarks/results/raw/20251002T101500Z-tiny-llama-1a2b/record.json) |
      | Tiny Llama 1B | Q4_K_M (4.85) | llamacpp | cpu | latency-short-chat-2x128 | – | – | – | – | **invalid**: Crashed: llama-server ended with code 1 | [record](../benchmarks/results/raw/20251004T120000Z-tiny-llama-5e6f/record.json) |

      ## Embedding models

      | model | dimensions | backend | placement | documents × batch size | docs/s | tokens/s | ms per doc | peak memory | verdict | record |
      | :- | -: | :- | :- | -: | -: | -: | -: | -: | :- | :- |
      | MiniLM L12 v2 | 384 | sentence-transformers | cpu | 100 × 32 | 553.3 | 70822 | 1.807 | – | valid | [record](../benchmarks/results/raw/20251003T080000Z-mini-lm-3c4d/record.json) |

      ## <a id="model-mini-lm"></a>MiniLM L12 v2

      - Source: part1.bin + part2.bin in mini-lm-weights 1.0.0
      - Licence: Apache-2.0
      - Config: [models/configs/mini-lm.yaml](configs/mini-lm.yaml)

      | architecture | parameters | quantization | bits per weight | layers | context (tokens) | file size | SHA-256 | record |
      | :- | -: | :- | -: | -: | -: | -: | :- | :- |
      | bert | 22.71 million (22713216) | F32 | 32.0 | – | – | 86.66 MiB | 53aa51172d14 | [record](../benchmarks/results/raw/20251003T080000Z-mini-lm-3c4d/record.json) |

      ### sentence-transformers on cpu: batch-legal-es-100x32

      - Figures from record [20251003T080000Z-mini-lm-3c4d](../benchmarks/results/raw/20251003T080000Z-mini-lm-3c4d/record.json), started 2025-10-03
      - Host: AMD Ryzen 9 9950X, 32 logical cores, 64.00 GiB memory; Ubuntu 24.04, kernel 6.8.0 (host-4f1c); GPUs used: none
      - Runtime: sentence-transformers 5.1.1, with torch 2.13.0+cpu
      - Configuration: the engine's defaults
      - Quantization: F32, 32.0 bits per weight
      - Placement: requested cpu; effective cpu
      - Proof of the placement: none
      - Memory: peak 1.100 GiB; reserved by the engine not reported; free at the peak 48.90 GiB, of 64.00 GiB in total
      - Total time: 1 min 0 s, from 2025-10-03T08:00:00.000Z, 3 warm-up and 10 measured trials
      - Report: none yet, write it with \`rigbook report\`

      | metric | median | 95 % interval | CV (%) | trials | record |
      | :- | -: | -: | -: | -: | :- |
      | Documents per second (docs/s) | 553.3 | 549.0 to 557.6 | 0.673 | 10 | [record](../benchmarks/results/raw/20251003T080000Z-mini-lm-3c4d/record.json) |
      | Embedded tokens per second (tokens/s) | 70822 | 70271 to 71373 | 0.673 | 10 | [record](../benchmarks/results/raw/20251003T080000Z-mini-lm-3c4d/record.json) |
      | Time per document (ms) | 1.807 | 1.793 to 1.821 | 0.673 | 10 | [record](../benchmarks/results/raw/20251003T080000Z-mini-lm-3c4d/record.json) |
      | Peak memory | not measured: no readings: /proc is not there | – | – | – | [record](../benchmarks/results/raw/20251003T080000Z-mini-lm-3c4d/record.json) |

      Verdict: **valid**, no reasons against it.

      ### Notes

      > Fast, **small**.
      >
      > No &lt;b>tags&lt;/b>.

      Written in [models/notes/mini-lm.md](notes/mini-lm.md); its head has no date and no author.

      ## <a id="model-tiny-llama"></a>Tiny Llama 1B

      - Source: ../files/tiny-llama.Q4_K_M.gguf
      - Licence: Apache-2.0
      - Config: [models/configs/tiny-llama.yaml](configs/tiny-llama.yaml)

      | architecture | parameters | quantization | bits per weight | layers | context (tokens) | file size | SHA-256 | record |
      | :- | -: | :- | -: | -: | -: | -: | :- | :- |
      | llama | 1.100 billion (1100048384) | Q4_K_M | 4.85 | 22 | 2048 | 637.8 MiB | 9fecc3b3cd76 | [record](../benchmarks/results/raw/20251004T120000Z-tiny-llama-5e6f/record.json) |

      ### llamacpp on single: GPU 0 NVIDIA RTX 5090: latency-short-chat-2x128

      - Figures from record [20251002T101500Z-tiny-llama-1a2b](../benchmarks/results/raw/20251002T101500Z-tiny-llama-1a2b/record.json), started 2025-10-02
      - Host: AMD Ryzen 9 9950X, 32 logical cores, 64.00 GiB memory; Ubuntu 24.04, kernel 6.8.0 (host-4f1c); GPUs used: NVIDIA RTX 5090 (31.84 GiB, driver 580.65)
      - Runtime: llama-server b6940, with cuda 13.0, ggml 0.9.4
      - Configuration: contextLength 4096, flashAttention true
      - Quantization: Q4_K_M, 4.85 bits per weight
      - Placement: requested single: GPU 0 NVIDIA RTX 5090; effective GPU 0 NVIDIA RTX 5090
      - Proof of the placement: none
      - Memory: peak 1.100 GiB; reserved by the engine 35.00 MiB; free at the peak 48.90 GiB, of 64.00 GiB in total
      - Memory of GPU 0 NVIDIA RTX 5090: peak not measured; reserved by the engine not reported; free at the peak unknown, of 31.84 GiB in total
      - Total time: 2 min 0 s, from 2025-10-02T10:15:00.000Z, 3 warm-up and 10 measured trials
      - Report: none yet, write it with \`rigbook report\`

      | metric | median | 95 % interval | CV (%) | trials | record |
      | :- | -: | -: | -: | -: | :- |
      | Time to first token (ms) | 41.24 | 40.92 to 41.56 | 0.673 | 10 | [record](../benchmarks/results/raw/20251002T101500Z-tiny-llama-1a2b/record.json) |
      | Decode speed (tokens/s) | 187.3 | 185.8 to 188.8 | 0.673 | 10 | [record](../benchmarks/results/raw/20251002T101500Z-tiny-llama-1a2b/record.json) |
      | Prefill speed (tokens/s) | 12346 | 12250 to 12442 | 0.673 | 10 | [record](../benchmarks/results/raw/20251002T101500Z-tiny-llama-1a2b/record.json) |
      | Peak memory | 1.000 GiB | 1016 MiB to 1.008 GiB | 0.673 | 10 | [record](../benchmarks/results/raw/20251002T101500Z-tiny-llama-1a2b/record.json) |

      Verdict: **valid**, no reasons against it.

      ### llamacpp on cpu: latency-short-chat-2x128

      - Figures from record [20251004T120000Z-tiny-llama-5e6f](../benchmarks/results/raw/20251004T120000Z-tiny-llama-5e6f/record.json), started 2025-10-04
      - Host: AMD Ryzen 9 9950X, 32 logical cores, 64.00 GiB memory; Ubuntu 24.04, kernel 6.8.0 (host-4f1c); GPUs used: none
      - Runtime: llama-server b6940, with cuda 13.0, ggml 0.9.4
      - Configuration: contextLength 4096, flashAttention true
      - Quantization: Q4_K_M, 4.85 bits per weight
      - Placement: requested cpu; effective unknown, since the engine never became ready
      - Proof of the placement: none
      - Memory: peak not measured; reserved by the engine not reported; free at the peak unknown, of 64.00 GiB in total
      - Total time: 5.00 s, from 2025-10-04T12:00:00.000Z, 0 warm-up and 0 measured trials
      - Report: none yet, write it with \`rigbook report\`

      No metric was measured.

      Verdict: **invalid**.

      - \`failed\` (invalid): llama-server ended with code 1. Read the end of the engine's log, fix the cause and run again.
      - Crashed (llamacpp): llama-server ended with code 1. Read the log.

      ## Model categories

      Ranges cover the medians measured here, over all hosts, placements and scenarios; invalid runs are left out. Bytes per parameter come from the files, not from the quantization's name.

      ### By size class

      | size class (parameters) | models | runs | decode (tokens/s) | docs/s | peak memory |
      | :- | :- | -: | -: | -: | -: |
      | tiny (under 1 billion) | MiniLM L12 v2 | 1 | – | 553.3 ([record](../benchmarks/results/raw/20251003T080000Z-mini-lm-3c4d/record.json)) | – |
      | small (1 to 10 billion) | Tiny Llama 1B | 2 | 187.3 ([record](../benchmarks/results/raw/20251002T101500Z-tiny-llama-1a2b/record.json)) | – | 1.000 GiB ([record](../benchmarks/results/raw/20251002T101500Z-tiny-llama-1a2b/record.json)) |

      ### By quantization

      | quantization | bytes per parameter | models | runs | decode (tokens/s) | docs/s | peak memory |
      | :- | -: | :- | -: | -: | -: | -: |
      | F32 | 4.00 | MiniLM L12 v2 | 1 | – | 553.3 ([record](../benchmarks/results/raw/20251003T080000Z-mini-lm-3c4d/record.json)) | – |
      | Q4_K_M | 0.607 | Tiny Llama 1B | 2 | 187.3 ([record](../benchmarks/results/raw/20251002T101500Z-tiny-llama-1a2b/record.json)) | – | 1.000 GiB ([record](../benchmarks/results/raw/20251002T101500Z-tiny-llama-1a2b/record.json)) |

      ## Performance comparison

      Rows of one table differ only in what the table compares: engine and version, options, placement, host and prompts are equal. Comparisons by placement and by engine are in each model's section below. Relative figures: **better** from 1.05 ×, **flat** within 5 %, **slower** below; **unclear** where the change is larger but the two 95 % intervals overlap. Invalid runs are not compared.

      ### Embedding models by batch

      Documents per second, prompts legal-es, host host-4f1c:

      | model | dimensions | engine | placement | 100 × 32 documents | largest peak memory |
      | :- | -: | :- | :- | -: | -: |
      | MiniLM L12 v2 | 384 | sentence-transformers (sentence-transformers 5.1.1) | cpu | 553.3 ([record](../benchmarks/results/raw/20251003T080000Z-mini-lm-3c4d/record.json)) | – |

      ## Methodology

      Every run has 3 warm-up and 10 measured trials. Each measured trial gives one value; a figure is the median of these values. Its interval consists of order statistics of the trials and holds the true median with 95 % confidence or more; below six trials there is none. CV is the sample standard deviation divided by the mean. Times come from one monotonic clock, outside the engine.

      ### Hardware

      - Host host-4f1c: AMD Ryzen 9 9950X, 32 logical cores, 64.00 GiB memory, NVIDIA RTX 5090 (31.84 GiB, driver 580.65); Ubuntu 24.04, kernel 6.8.0: 3 runs

      ### Software

      - llamacpp: llama-server b6940, with cuda 13.0, ggml 0.9.4; Rigbook 0.1.0, Node 24.21.0: 2 runs
      - sentence-transformers: sentence-transformers 5.1.1, with torch 2.13.0+cpu; Rigbook 0.1.0, Node 24.21.0: 1 run

      ### Test data

      - legal-es, 50 prompts, licence CC-BY-4.0, SHA-256 bbbbbbbbbbbb: 1 run
      - short-chat, 8 prompts, licence CC0-1.0, SHA-256 aaaaaaaaaaaa: 2 runs

      ### Metrics captured

      - **Time to first token** (\`ttft\`, ms, lower is better): time of the first chunk with a token − time the request was sent.
      - **Decode speed** (\`decode_tps_user\`, tokens/s, higher is better): 1000 / tpot: how fast one stream is written.
      - **Prefill speed** (\`prefill_tps\`, tokens/s, higher is better): prompt tokens that were computed / ttft.
      - **Documents per second** (\`docs_per_s\`, docs/s, higher is better): documents / (end of the last call − start of the first).
      - **Embedded tokens per second** (\`embed_tokens_per_s\`, tokens/s, higher is better): tokens of all documents after truncation / (end of the last call − start of the first).
      - **Time per document** (\`ms_per_doc\`, ms, lower is better): 1000 / docs_per_s.
      - **Peak memory** (\`memory_peak\`, B, lower is better): largest resident memory of the engine's process tree while a trial ran.
      "
    `)
  })

  it("helps where there is no run yet", () => {
    expect(markdown.registry(makeRegistry([], []))).toMatchInlineSnapshot(`
      "<!-- Generated, don't edit: run \`rigbook registry\`. -->

      # Models registry

      No run has been recorded yet. Describe a model in \`models/configs/<model>.yaml\`, measure it with \`rigbook run\`,
      and render this page with \`rigbook registry\`. \`rigbook init\` creates configs to start from,
      \`rigbook doctor\` shows what can run on this machine.
      "
    `)
  })

  it("keeps the notes of a model without runs", () => {
    const only = markdown.registry(makeRegistry([], [NOTE]))
    assert.include(only, "No run recorded yet.")
    assert.include(
      only,
      "> Fast, **small**.\n>\n> No &lt;b>tags&lt;/b>.\n\nWritten in [models/notes/mini-lm.md](notes/mini-lm.md); its head has no date and no author.",
    )
  })

  it("compares batches, each with its record", () => {
    const later = { startedAt: "2025-10-03T09:00:00.000Z" }
    const text = page(embeddingRun(), batchRun(1000, 32, 690.1), batchRun(1000, 64, 520, later))
    expect(text.slice(text.indexOf("### Batch scaling"), text.indexOf("### Notes"))).toMatchInlineSnapshot(`
      "### Batch scaling

      Throughput relative to the smallest batch that has a figure, between runs that differ only in the batch: **better** from 1.05 ×, **flat** within 5 %, **slower** below; **unclear** where the change is larger but the two 95 % intervals overlap. Invalid runs are not compared.

      sentence-transformers (sentence-transformers 5.1.1) on cpu, host host-4f1c, prompts legal-es. Best: 1000 × 32, 1.00 × the smallest. The last step that pays: **32 documents a forward pass**; the next adds less than 5 % more.

      | documents × batch size | docs/s | relative | judgement | record |
      | -: | -: | -: | :- | :- |
      | 1000 × 32 | 690.1 | 1.00 × | base | [record](../benchmarks/results/raw/batch-1000-32/record.json) |
      | 1000 × 64 | 520.0 | 0.754 × | slower | [record](../benchmarks/results/raw/batch-1000-64/record.json) |

      sentence-transformers (sentence-transformers 5.1.1) on cpu, host host-4f1c, prompts legal-es. Best: 1000 × 32, 1.25 × the smallest. Each step up pays: **suboptimal, larger batches may be faster**.

      | documents × batch size | docs/s | relative | judgement | record |
      | -: | -: | -: | :- | :- |
      | 100 × 32 | 553.3 | 1.00 × | base | [record](../benchmarks/results/raw/20251003T080000Z-mini-lm-3c4d/record.json) |
      | 1000 × 32 | 690.1 | 1.25 × | better | [record](../benchmarks/results/raw/batch-1000-32/record.json) |

      "
    `)
  })

  it("strikes the figures of an invalid run", () => {
    const verdict = verdictOf([reason("device-mismatch", "asked for cpu, ran on cuda:0")])
    const text = page(languageRun({ verdict }))
    assert.include(
      text,
      "| ~~41.24~~ | ~~187.3~~ | ~~12346~~ | ~~1.000 GiB~~ | **invalid**: device-mismatch | [record](",
    )
    assert.include(
      text,
      "`device-mismatch` (invalid): asked for cpu, ran on cuda:0. Name the device in \\`placement\\`, and check",
    )
  })

  it("names the host of each run where there are several", () => {
    const run = languageRun()
    const { cpu, devices, kernel, memoryBytes, os } = run.cell.host
    const elsewhere = new Host({ fingerprint: "host-2", cpu, devices, kernel, memoryBytes, os })
    const other = languageRun({ id: "other", cell: { identity: "other", host: elsewhere } })
    assert.notInclude(page(run), "| host |")
    assert.include(page(run, other), "| host |")
  })

  it("tells protocols apart", () => {
    const protocol = { ...languageRun().cell.protocol, warmup: 1, trials: 1 }
    const text = page(languageRun(), embeddingRun({ cell: { protocol } }))
    assert.include(
      text,
      "Runs follow 2 protocols: 1 warm-up and 1 measured trial (1 run); 3 warm-up and 10 measured trials (1 run).",
    )
  })

  it("is the same in whatever order the records were found", () => {
    const records = [languageRun(), embeddingRun(), failedRun(), batchRun(1000, 32, 700)]
    for (let turn = 1; turn < records.length; turn++)
      assert.strictEqual(page(...records.slice(turn), ...records.slice(0, turn).toReversed()), page(...records))
  })

  it.prop("is broken by no name, path, detail or log", [Hostile, Hostile], ([first, second]) => {
    const name = first.join("")
    const detail = second.join("")
    const config = { id: name, name: detail, path: `models/configs/${name}.yaml` }
    const failure = new BackendError({
      backend: name,
      reason: new Crashed({ detail, fix: detail }),
      logTail: [],
    })
    const text = page(
      languageRun({ cell: { config, license: detail, source: { path: name } } }),
      failedRun({ id: name, failure, verdict: verdictOf([reason("failed", detail)]), cell: { config, backend: name } }),
    )
    const ours = /^<!-- Generated.*-->$|<a id="[^"<>]*"><\/a>|> No &lt;b>/gm
    assert.notMatch(text.replace(ours, ""), /<[A-Za-z/!?]/)
    for (const rows of text.match(/(?:^\|.*\n)+/gm) ?? [])
      assert.strictEqual(new Set(rows.trimEnd().split("\n").map(cellPipes)).size, 1)
  })
})
