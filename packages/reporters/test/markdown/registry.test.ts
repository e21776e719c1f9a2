import { assert, describe, expect, it } from "@effect/vitest"
import { BackendError, Crashed, Host, reason, verdictOf } from "@rigbook/core"
import { makeRegistry } from "@rigbook/registry"
import { markdown } from "../../src/index.ts"
import { batchRun, embeddingRun, failedRun, languageRun } from "../fixtures.ts"
import { cellPipes, Hostile } from "../hostile.ts"
import { allPages } from "../pages.ts"

const NOTE = { model: "mini-lm", path: "models/notes/mini-lm.md", text: "Fast, **small**.\n\nNo <b>tags</b>.\n" }

const page = (...records: Parameters<typeof makeRegistry>[0]) => allPages(makeRegistry(records, [NOTE]))

describe("markdown.registry", () => {
  it("renders the whole page", () => {
    expect(markdown.registry(makeRegistry([embeddingRun(), failedRun(), languageRun()], [NOTE])))
      .toMatchInlineSnapshot(`
        "<!-- Generated, don't edit: run \`rigbook registry\`. -->

        # Models registry

        Date of the latest record: 2025-10-04 (UTC).  
        **Rig:** AMD Ryzen 9 9950X, 32 logical cores, 64.0 GiB memory, NVIDIA RTX 5090 (31.8 GiB), Ubuntu 24.04. 3 runs: **2 ● valid, 0 ▲ suspect, 1 ✕ invalid**. Where they ran is not proven.  

        ● valid · ▲ suspect: read [why](#what-is-suspect-and-why) first · ✕ invalid, struck through, never ranked · – not measured, never zero. A mark leads to its record, a name to its page. ± is the larger side of the 95 % interval of the median.

        - **Which model for what?** No rules yet. models/rating.yaml says what makes a model good for a use. \`rigbook init\` writes one.
        - **Which quantization?** Nothing to compare yet. No model was measured in two quantizations with everything else equal.
        - **Does it fit?** Nothing is planned. \`rigbook plan MODEL --host MACHINE\` answers for any model, from its headers.
        - **What changed?** Nothing yet: all is new. No release yet. \`rigbook registry --release\` keeps this one, and the next says what became faster, slower, valid or suspect. [Changed since the last release](#changed-since-the-last-release)
        - **Can I trust it?** 2 of 3 runs valid. Invalid: 1 failed. Where they ran is not proven. \`rigbook verify\` derives every figure again from its samples. [What is suspect and why](#what-is-suspect-and-why)

        [Models](#models) · [What is suspect and why](#what-is-suspect-and-why) · [Changed since the last release](#changed-since-the-last-release) · [Next steps](#next-steps) · [Method](#method) · [Model pages](#model-pages)

        ## Models

        ### Language models

        Scenario latency-short-chat-2x128. A variant that has no such run shows another, named beside it.

        | verdict | variant | TTFT (ms) | decode (tokens/s) | prefill (tokens/s) | peak memory | stars |
        | :- | :- | -: | -: | -: | -: | :- |
        | | **[Tiny Llama 1B](tiny-llama-1b.md)** 1.10 B weights, context 2,048, Apache-2.0 | | | | | |
        | [✕ invalid][r1] | [Q4_K_M · llamacpp · cpu](tiny-llama-1b.md#q4_k_m-llamacpp-cpu) | – | – | – | – | – |
        | [● valid][r2] | [Q4_K_M · llamacpp · single: GPU 0 NVIDIA RTX 5090](tiny-llama-1b.md#q4_k_m-llamacpp-single-gpu-0-nvidia-rtx-5090) | 41.2 ± 0.3 | 187.3 ± 1.5 | 12,350 ± 100 | 1,024 MiB | – |

        ### Embedding models

        Each variant at its fastest valid batch.

        | verdict | variant | docs/s | tokens/s | ms per doc | stars |
        | :- | :- | -: | -: | -: | :- |
        | | **[MiniLM L12 v2](minilm-l12-v2.md)** 22.7 M weights, Apache-2.0 | | | | |
        | [● valid][r3] | [F32 · sentence-transformers](minilm-l12-v2.md#f32-sentence-transformers) (batch-legal-es-100x32) | 553 ± 4 | 70,800 ± 600 | 1.807 ± 0.014 | – |

        ## What is suspect and why

        1 of 3 runs; a run may have several reasons. Their figures are kept and marked, and none leads a recommendation where a valid run is rated.

        | verdict | reason | runs | worst | what to do | which |
        | :- | :- | -: | :- | :- | :- |
        | ✕ invalid | **failed** | 1 | llama-server ended with code 1 | Read the end of the engine's log, fix the cause and run again. | Tiny Llama 1B Q4_K_M · llamacpp · cpu: [latency-short-chat-2x128][r1] |

        ## Changed since the last release

        No release yet, so there is nothing to compare with. \`rigbook registry --release\` keeps what is shown now, and from then on this section says what became faster, slower, valid or suspect, and what is new.

        ## Next steps

        - \`rigbook report 20251003T080000Z-mini-lm-3c4d\`: writes a report of that run; 3 of 3 runs have none.

        ## Method

        - **Trials:** 3 warm-up and 10 measured. Each trial gives one value; a figure is their median.
        - **±:** the larger side of the 95 % interval of the median (order statistics), to one digit, two if the first is 1. Without six trials there is none, and a figure has two digits.
        - **Clock:** one monotonic clock outside the engine; the engine's own must agree within 1 %.
        - **Placement:** requested, effective, observed. A run whose engine or driver contradicts the request is invalid.
        - **TTFT:** the first chunk with a token, from the time of sending. **Decode:** 1000 / time per output token. **Prefill:** computed prompt tokens / TTFT.
        - **docs/s:** documents / (end of the last call − start of the first). **Peak memory:** the largest resident memory of the engine's processes in a trial; of a GPU its growth.
        - **Valid:** no reason speaks against it. **Suspect:** it may not repeat. **Invalid:** it does not measure what it says.
        - **Ratios:** Hodges–Lehmann of the trials' logarithms, with 95 % intervals.
        - **Outliers** are kept and counted, never dropped.
        - **Engines:** llama-server b6940 (2 runs), sentence-transformers 5.1.1 (1 run); Rigbook 0.1.0.
        - **Prompts:** short-chat (CC0-1.0) (2 runs), legal-es (CC-BY-4.0) (1 run); hashes are in each record.
        - **Check:** \`rigbook verify\` derives every figure again from the raw samples; \`rigbook compare\` compares two runs or registries.
        - Hardware, software, test data and the definition of each metric are in [all-models.md](all-models.md#methodology); exact figures in [registry.json](registry.json) and [registry.csv](registry.csv), as a page in [registry.html](registry.html).

        ## Model pages

        Every variant and run of a model with its conditions, intervals, proof of placement, notes and comparisons:

        - [MiniLM L12 v2](minilm-l12-v2.md): 1 variant, 1 run, 1 valid, 1 note
        - [Tiny Llama 1B](tiny-llama-1b.md): 2 variants, 2 runs, 1 valid
        - [All models](all-models.md): each variant in one table, planned models part by part, categories, embedding models by batch, imported results, methodology

        [r1]: ../benchmarks/results/raw/20251004T120000Z-tiny-llama-5e6f/record.json
        [r2]: ../benchmarks/results/raw/20251002T101500Z-tiny-llama-1a2b/record.json
        [r3]: ../benchmarks/results/raw/20251003T080000Z-mini-lm-3c4d/record.json
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
    const only = allPages(makeRegistry([], [NOTE]))
    assert.include(only, "No run recorded yet.")
    assert.include(
      only,
      "> Fast, **small**.\n>\n> No &lt;b>tags&lt;/b>.\n\nWritten in [models/notes/mini-lm.md](notes/mini-lm.md); its head has no date and no author.",
    )
  })

  it("compares batches, each with its record", () => {
    const later = { startedAt: "2025-10-03T09:00:00.000Z" }
    const text = page(embeddingRun(), batchRun(1000, 32, 690.1), batchRun(1000, 64, 520, later))
    const from = text.indexOf("### Batch scaling")
    expect(text.slice(from, text.indexOf("</details>", from))).toMatchInlineSnapshot(`
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
    const verdict = verdictOf([reason("device-mismatch", "requested cpu, ran on cuda:0")])
    const text = page(languageRun({ verdict }))
    assert.include(text, "| ~~41.2\u00a0±\u00a00.3~~ |")
    assert.include(
      text,
      "`device-mismatch` (invalid): requested cpu, ran on cuda:0. Name the device in \\`placement\\`, and check",
    )
  })

  it("names the host of each run where there are several", () => {
    const run = languageRun()
    const { cpu, devices, kernel, memoryBytes, os } = run.cell.host
    const elsewhere = new Host({ fingerprint: "host-2", cpu, devices, kernel, memoryBytes, os })
    const other = languageRun({ id: "other", cell: { identity: "other", host: elsewhere } })
    assert.notInclude(page(run), "### Language models on")
    assert.strictEqual(page(run, other).match(/^### Language models on NVIDIA RTX 5090/gm)?.length, 4)
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
    const ours =
      /^<!-- [^<>]*-->$|<a id="[a-z0-9_-]+"><\/a>|> No &lt;b>|<\/?details>|<\/?summary>|<\/?picture>|<(?:img|source) [\w\s="():/.,:-]*>/gm
    assert.notMatch(text.replace(ours, ""), /<[A-Za-z/!?]/)
    for (const rows of text.match(/(?:^\|.*\n)+/gm) ?? [])
      assert.strictEqual(new Set(rows.trimEnd().split("\n").map(cellPipes)).size, 1)
  })
})
