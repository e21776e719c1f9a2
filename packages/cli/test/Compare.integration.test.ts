import { assert, describe, it } from "@effect/vitest"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { recordFolders, rigbook, sampleModel, temporaryFolder, writeWorkspace } from "./TemporaryWorkspace.ts"

/** A larger context costs memory, whatever else the machine does. */
const config = (context: number): string => `${sampleModel("smollm2-135m-instruct")}backends:
  llamacpp: { context: ${context}, threads: 1 }
scenarios:
  - { kind: latency, prompts: brief, requests: 1, outputTokens: 2 }
protocol: { warmup: 1, trials: 6 }
`
const GATE = ["--gate", "--metrics", "memory_peak", "--across", "verdict"]

describe("records of a real engine", () => {
  const root = writeWorkspace(temporaryFolder(), {
    "models/configs/narrow.yaml": config(256),
    "models/configs/wide.yaml": config(8192),
  })
  const file = (path: string): string => join(root, path)

  it("run --rounds measures in turns", async () => {
    const { exitCode, stderr } = await rigbook(root, ["run", "--rounds", "2"])
    assert.strictEqual(exitCode, 0, stderr)
    assert.strictEqual(recordFolders(root).length, 2)
  })

  it("compare finds what is larger, and the gate tells a CI so", async () => {
    const args = ["--junit", "out/junit.xml", "--markdown", "out/summary.md"]
    const worse = await rigbook(root, ["compare", "narrow", "wide", ...GATE, ...args])
    assert.strictEqual(worse.exitCode, 3, worse.stderr)
    assert.match(worse.stdout, /Peak memory .* worse/)
    assert.include(readFileSync(file("out/junit.xml"), "utf8"), '<failure message="worse: ')
    assert.include(readFileSync(file("out/summary.md"), "utf8"), "The gate **found a regression**.")
    const better = await rigbook(root, ["compare", "wide", "narrow", ...GATE, "--json"])
    assert.strictEqual(better.exitCode, 0, better.stdout)
    const { records } = JSON.parse(better.stdout) as { records: Array<{ metrics: Array<{ word: string }> }> }
    assert.deepStrictEqual(
      records[0]!.metrics.map(({ word }) => word),
      ["better"],
    )
  })

  it("compare takes registries of other checkouts, and refuses another host", async () => {
    const same = await rigbook(root, ["compare", ".", "models/registry.json", ...GATE])
    assert.strictEqual(same.exitCode, 0, same.stdout)
    assert.strictEqual(same.stdout.match(/no difference found/g)?.length, 2)
    const elsewhere = readFileSync(file("models/registry.json"), "utf8").replace(
      /"host": "\w+"/g,
      '"host": "elsewhere"',
    )
    writeFileSync(file("elsewhere.json"), elsewhere)
    const refused = await rigbook(root, ["compare", "models/registry.json", "elsewhere.json", ...GATE])
    assert.strictEqual(refused.exitCode, 2, refused.stdout)
    assert.include(refused.stdout, "they ran on different hosts")
    assert.include(refused.stdout, "--across host")
    const reported = await rigbook(root, [
      "compare",
      ".",
      "elsewhere.json",
      "--gate",
      "--metrics",
      "memory_peak",
      "--across",
      "verdict,host",
    ])
    assert.strictEqual(reported.exitCode, 0, reported.stdout)
    for (const args of [
      ["compare", "narrow", "nothing"],
      ["compare", "narrow", "wide", "--across", "moon"],
    ])
      assert.strictEqual((await rigbook(root, args)).exitCode, 2)
  })

  it("import marks what another tool measured, and compare keeps away from it", async () => {
    const source = join(import.meta.dirname, "../../registry/test/imports/recorded/guidellm.json")
    const imported = await rigbook(root, ["import", source])
    assert.strictEqual(imported.exitCode, 0, imported.stderr)
    assert.include(imported.stdout, "left out: time_per_output_token_ms")
    const page = readFileSync(file("models/all-models.md"), "utf8")
    assert.include(page, "## Imported results")
    assert.isAbove(page.indexOf("GuideLLM"), page.indexOf("## Imported results"))
    const refused = await rigbook(root, ["compare", "narrow", "guidellm"])
    assert.strictEqual(refused.exitCode, 2)
    assert.include(refused.stderr, "was imported")
    assert.strictEqual((await rigbook(root, ["import", "rigbook.yaml"])).exitCode, 1)
  })

  it("verify finds nothing, then a changed sample, a typed figure and a changed registry", async () => {
    const clean = await rigbook(root, ["verify"])
    assert.strictEqual(clean.exitCode, 0, clean.stdout)
    const [folder] = recordFolders(root)
    const spoil = (path: string, from: string | RegExp, to: string): void =>
      writeFileSync(path, readFileSync(path, "utf8").replace(from, to))
    spoil(join(folder!, "samples.ndjson"), /"sentMs":[\d.]+/, '"sentMs":-5')
    const samples = await rigbook(root, ["verify", "--json"])
    assert.strictEqual(samples.exitCode, 1)
    const { findings } = JSON.parse(samples.stdout) as { findings: Array<{ file: string; expected?: string }> }
    assert.isTrue(
      findings.some(
        ({ expected, file: path }) => path.endsWith("samples.ndjson") && expected?.startsWith("SHA-256") === true,
      ),
    )
    spoil(join(folder!, "record.json"), /"median": [\d.]+/, '"median": 1')
    assert.match(
      (await rigbook(root, ["verify"])).stdout,
      /record\.json:\d+: differs from what the samples give\n {2}expected: "median"/,
    )
    spoil(file("models/registry.csv"), /,ttft,ms,[\d.]+/, ",ttft,ms,7")
    assert.match((await rigbook(root, ["verify"])).stdout, /models\/registry\.csv:\d+: differs from the records/)
  })
})
