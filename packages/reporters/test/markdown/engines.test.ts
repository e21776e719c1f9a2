import { assert, describe, expect, it } from "@effect/vitest"
import { ModelFacts, RunRecord, Runtime } from "@rigbook/core"
import { makeRegistry } from "@rigbook/registry"
import { Schema } from "effect"
import { csv, json, markdown, RegistryDocument } from "../../src/index.ts"
import { embeddingRun, languageRun } from "../fixtures.ts"
import { allPages } from "../pages.ts"
import { cellPipes, Hostile } from "../hostile.ts"

const answer = (text: string, inputTokens = 12) => ({ texts: [{ text, inputTokens }] as const, outputTokens: 32 })
const gguf = languageRun({ answers: answer("The sky is blue.") })
const { model } = gguf.cell

const vllm = (text: string, changes: Partial<RunRecord["cell"]> = {}) =>
  languageRun({
    id: "in-vllm",
    answers: answer(text),
    cell: {
      config: { id: "tiny-llama-vllm", name: "Tiny Llama in vLLM", path: "models/configs/tiny-llama-vllm.yaml" },
      backend: "vllm",
      runtime: new Runtime({ program: "vllm", version: "0.32.0", origin: "setup", path: "/opt/vllm", libraries: {} }),
      model: new ModelFacts(
        Object.assign({}, model, {
          format: "safetensors",
          quantization: "BF16",
          bitsPerWeight: 16,
          sha256: "e".repeat(64),
          unpackedFrom: { format: "gguf", quantization: "Q4_K_M", bitsPerWeight: 4.85, sha256: model.sha256 },
        }),
      ),
      ...changes,
    },
  })

const section = (page: string, title: string): string =>
  page.split(`### ${title}\n\n`)[1]?.split(/\n\n#/)[0] ?? `no ${title}`

describe("one model on several engines", () => {
  const page = markdown.report([gguf, vllm("The sky was grey.")])

  it("shows their figures side by side, each with its weights", () => {
    expect(section(page, "Engines side by side")).toMatchInlineSnapshot(`
      "Tiny Llama 1B, latency-short-chat-2x128, host host-4f1c:

      | engine | weights | placement | TTFT (ms) | TPOT (ms) | decode (tokens/s) | output (tokens/s) | peak memory | verdict | record |
      | :- | :- | :- | -: | -: | -: | -: | -: | :- | :- |
      | llamacpp (llama-server b6940) | gguf Q4_K_M | single: GPU 0 NVIDIA RTX 5090 | 41.24 | – | 187.3 | – | 1024 MiB | valid | [record](../raw/20251002T101500Z-tiny-llama-1a2b/record.json) |
      | vllm (vllm 0.32.0) | safetensors BF16, unpacked from Q4_K_M | single: GPU 0 NVIDIA RTX 5090 | 41.24 | – | 187.3 | – | 1024 MiB | valid | [record](../raw/in-vllm/record.json) |"
    `)
  })

  it("shows whether they answer the same", () => {
    expect(section(page, "Same answers")).toMatchInlineSnapshot(`
      "Each engine answered the first prompts of the set, greedily and outside of all trials. The shared beginning of two texts is counted in characters, as a share of the longer. Rounding makes greedy texts diverge sooner or later; engines with the same weights **disagree** when the mean is below 10 %, or no prompt had the same number of tokens in both. Weights of different files are shown side by side, but not judged. Of several prompt sets the one that agrees least is shown.

      | engine | other engine | prompts | shared beginning, mean (%) | identical | same prompt tokens | judgement | records |
      | :- | :- | :- | -: | -: | -: | :- | :- |
      | llamacpp (llama-server b6940) on single: GPU 0 NVIDIA RTX 5090: gguf Q4_K_M | vllm (vllm 0.32.0) on single: GPU 0 NVIDIA RTX 5090: safetensors BF16, unpacked from Q4_K_M | short-chat | 47.1 | 0 of 1 | 1 of 1 | agree | [record](../raw/20251002T101500Z-tiny-llama-1a2b/record.json) [record](../raw/in-vllm/record.json) |"
    `)
  })

  it("shows vectors by their cosine", () => {
    const vectors = (...values: ReadonlyArray<number>) => ({
      vectors: { count: 1, dimensions: 2, base64: Buffer.from(Float32Array.from(values).buffer).toString("base64") },
    })
    const runs = [
      embeddingRun({ answers: vectors(3, 4) }),
      embeddingRun({ id: "other", answers: vectors(4, 3), cell: { backend: "llamacpp" } }),
    ]
    const report = markdown.report(runs)
    assert.include(section(report, "Same answers"), "| 0.9600000 | 0.9600000 | 1 | **disagree** |")
    assert.include(section(report, "Engines side by side"), "| docs/s | tokens/s | ms per doc |")
  })

  it("names the disagreement in every verdict but that of record.json", () => {
    const runs = [gguf, vllm("018.com/2018")]
    const registry = makeRegistry(runs, [])
    assert.strictEqual(markdown.report(runs).match(/suspect: engines-disagree/g)?.length, 4)
    assert.include(allPages(registry), "`engines-disagree` (suspect): texts share 0.0 %")
    for (const table of [csv.registry(registry), csv.report(runs)]) assert.notInclude(table, ",valid,")
    const document = Schema.decodeUnknownSync(Schema.fromJsonString(RegistryDocument))(json.registry(registry))
    assert.deepStrictEqual(
      document.entries.map(({ records: [run] }) => run?.verdict.status),
      ["suspect", "suspect"],
    )
    const agreement = { kind: "text", meanPrefix: 0, identical: 0, prompts: 1, sameInputTokens: 1 } as const
    assert.deepStrictEqual(document.equivalences, [
      { records: [gguf.id, "in-vllm"], sameWeights: true, agreement, disagree: true },
    ])
    const parsed = Schema.decodeUnknownSync(Schema.fromJsonString(Schema.Array(RunRecord)))(json.report(runs))
    assert.deepStrictEqual(
      parsed.map(({ verdict }) => verdict.status),
      ["valid", "valid"],
    )
  })

  it("is shown once, on the page of the family, and not on those of other models", () => {
    const registry = makeRegistry([gguf, vllm("The sky is blue."), embeddingRun()], [])
    const shown = allPages(registry)
    assert.strictEqual(shown.match(/### Same answers/g)?.length, 1)
    assert.strictEqual(shown.match(/### Engines side by side/g)?.length, 1)
    assert.notInclude(allPages(makeRegistry([gguf, embeddingRun()], [])), "### Same answers")
  })

  it("judges no other weights, and says why nothing is compared", () => {
    const stranger = new ModelFacts(Object.assign({}, model, { quantization: "Q8_0", sha256: "f".repeat(64) }))
    const { config } = gguf.cell
    const other = section(markdown.report([gguf, vllm("018", { config, model: stranger })]), "Same answers")
    assert.include(other, "| not judged: other weights |")
    const before = section(markdown.report([languageRun(), vllm("018")]), "Same answers")
    assert.include(before, "Not compared: 1 pair (a record from before answers were stored).")
  })

  it.prop("is not broken by any name", [Hostile], ([parts]) => {
    const runtime = new Runtime({ program: parts.join(""), version: "1", origin: "path", path: "/x", libraries: {} })
    const rows = section(markdown.report([gguf, vllm("The", { runtime })]), "Same answers").split("\n")
    const [head, ...others] = rows.filter((row) => row.startsWith("|")).map(cellPipes)
    assert.deepStrictEqual(new Set(others), new Set([head]))
  })
})
