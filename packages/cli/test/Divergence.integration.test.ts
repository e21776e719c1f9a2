import { NodeServices } from "@effect/platform-node"
import { sentenceTransformers } from "@rigbook/backend-sentence-transformers"
import { Effect } from "effect"
import { assert, describe, it } from "vitest"
import { execFileSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { recordFolders, rigbook, sampleModel, temporaryFolder, writeWorkspace } from "./TemporaryWorkspace.ts"

const smollm2 = sampleModel("smollm2-135m-instruct")
const [, source] = /^source:\n([^]*)$/m.exec(smollm2)!
/** The file of the sample config, or that quantized to a type: as `source`, or as a scenario's `reference`. */
const quantized = (to: string, indent: string): string =>
  `${indent}quantized:\n${indent}  to: ${to}\n${indent}  from:\n${source!
    .replace(/^ {2}sha256: .*\n/m, "")
    .replaceAll(/^/gm, `${indent}  `)
    .trimEnd()}\n`

const config = (to: string, options = ""): string => `name: SmolLM2 135M ${to}
task: generate
source:
${quantized(to, "  ")}backends:
  llamacpp: { threads: 1${options} }
placement: cpu
scenarios:
  - kind: quality
    measure: kld
    prompts: documents-en
    chunks: 2
    context: 64
    reference:
${quantized("F16", "      ")}`

interface Stored {
  readonly verdict: { readonly status: string; readonly reasons: ReadonlyArray<{ readonly code: string }> }
  readonly scored: { readonly nullTest: number }
  readonly effective: { readonly settings: Readonly<Record<string, unknown>> }
  readonly values: ReadonlyArray<{ readonly metric: string; readonly result: { readonly summary: { median: number } } }>
}

describe("divergence of a real model from its reference", () => {
  const root = writeWorkspace(temporaryFolder(), {
    "models/configs/f16.yaml": config("F16"),
    "models/configs/q8.yaml": config("Q8_0"),
    "models/configs/q4.yaml": config("Q4_0"),
    "models/configs/cache.yaml": config("F16", ", kvCache: q4_0, flashAttention: on"),
  })
  const stored = (name: string): Stored =>
    JSON.parse(
      readFileSync(
        join(
          recordFolders(root).find((path) => path.includes(`Z-${name}-`))!,
          "record.json",
        ),
        "utf8",
      ),
    ) as Stored
  const figure = (name: string, metric: string): number =>
    stored(name).values.find((value) => value.metric === metric)!.result.summary.median

  it("is 0 from itself, and grows with fewer bits", async () => {
    const { exitCode, stderr, stdout } = await rigbook(root, ["run"])
    assert.strictEqual(exitCode, 0, stderr + stdout)
    assert.match(stdout, /^measured +q8 .*· quality-kld-documents-en-2x64 .*KL divergence 0\.\d+/m)
    assert.strictEqual(figure("f16", "kld_mean"), 0, "the reference is this very file")
    assert.strictEqual(figure("f16", "same_top"), 100)
    assert.strictEqual(figure("f16", "perplexity"), figure("f16", "reference_perplexity"))
    const [q8, q4] = [figure("q8", "kld_mean"), figure("q4", "kld_mean")]
    assert.isTrue(0 < q8 && 10 * q8 < q4, `Q8_0 ${q8}, Q4_0 ${q4}`)
    assert.isBelow(figure("q4", "same_top"), 100)
  })

  it("measures the loss of a quantized cache, with the same weights", () => {
    assert.isAbove(figure("cache", "kld_mean"), 0)
    assert.deepInclude(stored("cache").effective.settings, { kvCache: "q4_0", flashAttention: "on", threads: 1 })
  })

  it("passes its null test, and is suspect where the reference was quantized before", () => {
    for (const name of ["f16", "q8", "q4"]) {
      const { scored, verdict } = stored(name)
      assert.strictEqual(scored.nullTest, 0)
      assert.strictEqual(verdict.status, "suspect")
      const codes = verdict.reasons.map(({ code }) => code)
      assert.includeMembers(codes, ["reference-quantized", "few-queries"])
      for (const code of ["null-test-failed", "failed", "config-drift"]) assert.notInclude(codes, code)
    }
  })

  it("is derived again by verify, and shown with its reference", async () => {
    const { exitCode, stdout } = await rigbook(root, ["verify"])
    assert.strictEqual(exitCode, 0, stdout)
    const registry = readFileSync(join(root, "models/REGISTRY.md"), "utf8")
    const table = registry.slice(registry.indexOf("## Quality")).split("\n\n", 3).join("\n")
    assert.match(table, /^\| SmolLM2 135M Q8_0 .*\| documents-en \|/m, table)
    const report = await rigbook(root, ["report", "q8-llamacpp", "--json"])
    const { file } = JSON.parse(report.stdout) as { readonly file: string }
    assert.match(readFileSync(join(root, file), "utf8"), /^- Reference: F16.*, converted from Q4\\?_1/m)
  })
})

describe("divergence from a reference that was never rounded", () => {
  const trained = (source: string): string => `name: Characters
task: generate
source: ${source}
backends:
  llamacpp: { threads: 1 }
placement: cpu
scenarios:
  - kind: quality
    measure: kld
    prompts: documents-en
    chunks: 32
    context: 128
    reference: { path: ../trained.gguf }
`
  const TYPES = ["Q8_0", "Q5_K_M", "Q4_K_M", "Q2_K"]
  const root = writeWorkspace(temporaryFolder(), {
    "models/configs/f32.yaml": trained("{ path: ../trained.gguf }"),
    ...Object.fromEntries(
      TYPES.map((to) => [
        `models/configs/${to.toLowerCase()}.yaml`,
        trained(`{ quantized: { to: ${to}, from: { path: ../trained.gguf } } }`),
      ]),
    ),
  })

  it("is valid, and smaller with more bits", async () => {
    const python = await Effect.runPromise(Effect.provide(sentenceTransformers.machine!.setup!, NodeServices.layer))
    const script = join(import.meta.dirname, "../../../tools/small-model/train.py")
    // A layer and some dozen steps: its answers are no language yet, but they depend on all of its weights.
    const size = ["--layers", "1", "--steps", "40", "--batch", "4", "--length", "128", "--threads", "1"]
    execFileSync(python.path, ["-B", script, join(root, "models/trained.gguf"), ...size], { stdio: "ignore" })
    const { exitCode, stderr, stdout } = await rigbook(root, ["run"])
    assert.strictEqual(exitCode, 0, stderr + stdout)
    const records = recordFolders(root).map(
      (path) => JSON.parse(readFileSync(join(path, "record.json"), "utf8")) as Stored & { readonly id: string },
    )
    const lossOf = (type: string): number =>
      records
        .find(({ id }) => id.includes(`Z-${type.toLowerCase()}-`))!
        .values.find(({ metric }) => metric === "kld_mean")!.result.summary.median
    assert.strictEqual(lossOf("f32"), 0)
    const losses = TYPES.map(lossOf)
    assert.deepStrictEqual(
      losses,
      losses.toSorted((a, b) => a - b),
      stdout,
    )
    for (const { id, scored, verdict } of records) {
      assert.strictEqual(scored.nullTest, 0)
      assert.deepStrictEqual(verdict, { ...verdict, status: "valid", reasons: [] }, id)
    }
  })
})

describe("divergence from an unfit reference", () => {
  it("is invalid if the vocabularies differ", async () => {
    const [, other] = /^source:\n([^]*)$/m.exec(sampleModel("gemma-3-270m"))!
    const text = config("Q8_0").replace(
      /^ {4}reference:\n[^]*$/m,
      `    reference:\n${other!.replaceAll(/^/gm, "    ").trimEnd()}\n`,
    )
    const root = writeWorkspace(temporaryFolder(), { "models/configs/odd.yaml": text })
    const { exitCode, stdout } = await rigbook(root, ["run"])
    assert.strictEqual(exitCode, 1)
    assert.include(stdout, "invalid (failed)")
    const record = readFileSync(join(recordFolders(root)[0]!, "record.json"), "utf8")
    assert.include(record, "have different vocabularies")
  })

  it("is refused for an engine without it", async () => {
    const text = config("F16")
      .replace("llamacpp: { threads: 1 }", "vllm: {}")
      .replace(/^source:\n[^]*?(?=^backends)/m, `source:\n${source!}`)
    const root = writeWorkspace(temporaryFolder(), { "models/configs/odd.yaml": text })
    const { exitCode, stderr } = await rigbook(root, ["plan"])
    assert.strictEqual(exitCode, 2)
    assert.include(stderr, "vllm can't compare a model with a reference")
  })
})
