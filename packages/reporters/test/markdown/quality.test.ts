import { assert, describe, it } from "@effect/vitest"
import { type Imported, reason, type Scored, verdictOf } from "@rigbook/core"
import { METRICS } from "@rigbook/records"
import { makeRegistry } from "@rigbook/registry"
import { json, markdown } from "../../src/index.ts"
import { around, embeddingRun, languageRun, value } from "../fixtures.ts"

const SCORED: Scored = {
  measure: "retrieval",
  normalized: true,
  documents: 40,
  ranks: Array.from({ length: 30 }, () => [1]),
}
const figure = (metric: string, title: string, median: number) => {
  const made = value(metric, title, "score", [median, median], "higher")
  return "summary" in made.result
    ? { ...made, result: { ...made.result, summary: { ...made.result.summary, low: 0.5, high: 0.75, units: 30 } } }
    : made
}
const run = (change: { readonly verdict?: ReturnType<typeof verdictOf> } = {}) =>
  embeddingRun({
    id: "20251004T080000Z-mini-lm-quality",
    cell: {
      scenario: {
        kind: "quality",
        measure: "retrieval",
        dataset: { file: "mine/laws|es.jsonl" },
        queryPrefix: "query: ",
        batchSize: 8,
      },
      prompts: { name: "mine/laws|es.jsonl", sha256: "e".repeat(64), count: 30, license: "MIT", language: "es" },
    },
    scored: SCORED,
    values: [
      figure("ndcg_10", "nDCG@10", 0.653),
      value("memory_peak", "Peak memory", "B", around(2 ** 30).slice(0, 2)),
    ],
    ...change,
  })
const rows = (page: string) => page.split("\n").filter((line) => line.startsWith("| "))

describe("a run of quality", () => {
  it("has a table of its own, with the interval, the dataset and chance, and is in none of speeds", () => {
    const page = markdown.registry(makeRegistry([embeddingRun(), run()], []))
    const [head, , row] = rows(page.slice(page.indexOf("## Quality")))
    assert.strictEqual(
      head,
      "| model | quantization | backend | placement | dataset | language | items | nDCG@10 | chance | verdict | record |",
    )
    assert.include(
      row,
      '| mine/laws\\|es.jsonl, queries after "query: " | es | 30 | 0.6530 (0.5000 to 0.7500) | 0.11 | valid |',
    )
    const speeds = page.slice(page.indexOf("## Embedding models"), page.indexOf("## Quality"))
    assert.include(speeds, "docs/s")
    assert.notInclude(speeds, "0.653")
    assert.notInclude(speeds, "nDCG")
  })

  it("strikes its figure through where the run is invalid", () => {
    const verdict = verdictOf([reason("not-a-number", "1 of 30 queries")])
    assert.include(markdown.report([run({ verdict })]), "~~0.6530 (0.5000 to 0.7500)~~")
  })

  it("says in its report what it was measured on, and how", () => {
    const page = markdown.report([run()])
    assert.include(page, "- Dataset: mine/laws|es.jsonl, SHA-256 eeeeeeeeeeee, licence MIT, language es")
    assert.include(page, "- 30 queries, each compared with 40 documents")
    assert.include(page, "- Vectors came with a length of 1; figures go by cosines")
    assert.include(page, '- Prefixes: queries after "query: "')
    assert.notInclude(page, "- Prompts:")
  })

  it("says how many questions there were, and how many replies were cut", () => {
    const page = markdown.report([
      languageRun({
        id: "20251004T080000Z-smollm2-tasks",
        cell: {
          scenario: { kind: "quality", measure: "tasks", dataset: "everyday", outputTokens: 16 },
          prompts: { name: "everyday", sha256: "e".repeat(64), count: 2, license: "CC0-1.0", language: "en" },
        },
        scored: {
          measure: "tasks",
          questions: [
            { answer: "B", choices: 4, reply: "B" },
            { answer: "7", reply: "Let me", cut: true },
          ],
        },
        values: [figure("accuracy", "Accuracy", 0.5)],
      }),
    ])
    assert.include(page, "- Dataset: everyday, SHA-256 eeeeeeeeeeee, licence CC0-1.0, language en")
    assert.include(page, "- 2 questions, 1 of them with choices; replies of 16 tokens at most, greedily")
    assert.include(page, "- Replies that ended at the limit of tokens: 1")
  })

  it("states the text, the reference and the null test of a divergence", () => {
    const kld = languageRun({
      id: "20251004T080000Z-smollm2-kld",
      cell: {
        scenario: {
          kind: "quality",
          measure: "kld",
          prompts: "text",
          reference: { path: "/models/f16.gguf" },
          chunks: 8,
          context: 512,
        },
        prompts: { name: "text", sha256: "e".repeat(64), count: 3, license: "MIT" },
        reference: {
          sha256: "f".repeat(64),
          quantization: "F16",
          bitsPerWeight: 16,
          quantizedFrom: { format: "gguf", quantization: "Q4_1", bitsPerWeight: 5, sha256: "c".repeat(64) },
        },
      },
      scored: { measure: "kld", chunks: [], nullTest: 0 },
      values: [figure("kld_mean", "KL divergence", 0.653)],
    })
    const page = markdown.report([kld])
    assert.include(page, "- Text: text, SHA-256 eeeeeeeeeeee, licence MIT")
    assert.include(page, "- 8 chunks of 512 tokens")
    assert.match(page, /- Reference: F16, 16\S* bits per weight, converted from Q4\\?_1, SHA-256 ffffffffffff/)
    assert.include(page, "- Null test (the reference compared with itself): 0 nats at most")
    const registry = markdown.registry(makeRegistry([kld, languageRun()], []))
    const [, , row] = rows(registry.slice(registry.indexOf("## Quality")))
    assert.match(row!, /\| text \| .* \| 8 \| 0\.653/)
    const found = JSON.parse(json.registry(makeRegistry([kld], []))) as {
      entries: Array<{ records: Array<{ dataset: { n: number }; reference: { sha256: string } }> }>
    }
    const [run] = found.entries[0]!.records
    assert.deepStrictEqual([run!.dataset.n, run!.reference.sha256], [8, "f".repeat(64)])
  })

  it("has its dataset and the number of its queries in registry.json", () => {
    const document = JSON.parse(json.registry(makeRegistry([run()], []))) as {
      entries: Array<{ records: Array<{ dataset: unknown; values: Record<string, { units?: number }> }> }>
    }
    const [found] = document.entries[0]!.records
    assert.deepStrictEqual(found!.dataset, { id: "mine/laws|es.jsonl", license: "MIT", language: "es", n: 30 })
    assert.strictEqual(found!.values["ndcg_10"]!.units, 30)
  })

  it("needs no table where there is none", () => {
    assert.notInclude(markdown.registry(makeRegistry([embeddingRun(), languageRun()], [])), "## Quality")
    assert.isAbove(METRICS.filter(({ under }) => under === "retrieval").length, 0)
  })
})

describe("scores that other tools measured", () => {
  const imported: Imported = {
    schema: 1,
    id: "lm-eval-0123",
    importedAt: "2026-01-01T00:00:00.000Z",
    file: "results.json",
    sha256: "a".repeat(64),
    tool: "lm-eval",
    version: "0.4.13",
    results: [
      {
        model: "mine|q4",
        task: "generate",
        workload: "piqa (version 1), 0 examples shown",
        figures: [
          {
            name: "acc",
            unit: "score",
            better: "higher",
            difference: "quality of answers, not speed; no better than guessing one of 2 answers",
            value: 0.5,
            statistic: "mean",
            n: 400,
            error: 0.025,
          },
          { name: "latency", unit: "ms", better: "lower", value: 7, statistic: "mean" },
        ],
        leftOut: [],
      },
    ],
  }

  it("stand in the section of quality, marked as imported, with what speaks against them", () => {
    const page = markdown.registry(makeRegistry([run()], [], { imported: [imported] }))
    const section = page.slice(page.indexOf("### Imported scores"))
    assert.isAbove(page.indexOf("### Imported scores"), page.indexOf("## Quality"))
    const [, , row, next] = rows(section)
    assert.include(
      row,
      "| mine\\|q4 | lm-eval 0.4.13 | piqa (version 1), 0 examples shown | acc | 0.500 ± 0.049 | 400 | no better than guessing one of 2 answers | [imported](",
    )
    assert.notInclude(next ?? "", "latency")
  })

  it("make a section where Rigbook measured no quality itself", () => {
    const page = markdown.registry(makeRegistry([embeddingRun()], [], { imported: [imported] }))
    assert.match(page, /^## Quality\n\n### Imported scores$/m)
  })
})
