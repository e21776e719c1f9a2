import { assert, beforeAll, describe, it } from "vitest"
import { readFileSync, symlinkSync } from "node:fs"
import { homedir } from "node:os"
import { join } from "node:path"
import { recordFolders, rigbook, sampleConfig, temporaryFolder, writeWorkspace } from "./TemporaryWorkspace.ts"

const LLAMA_MARK = "synthetic weights, 1 of 32 layers"
const MINILM_MARK = "synthetic weights, 2 of 12 layers"

const shape = (name: string, depth: number): string =>
  /^source:[^]*?(?=^backends:)/m.exec(sampleConfig(name))![0].replace(/^( *)layers: .*$/m, `$&\n$1depth: ${depth}`)

const llama = `name: Llama 3.1 8B
task: generate
${shape("llama-3.1-8b-q8_0", 1)}backends:
  llamacpp: { context: 512, threads: 1 }
scenarios:
  - { kind: latency, prompts: brief, requests: 1, outputTokens: 4 }
protocol: { warmup: 0, trials: 2 }
`
const miniLm = `name: MiniLM
task: embed
${shape("paraphrase-multilingual-minilm-l12-v2", 2)}backends:
  sentence-transformers: { threads: 1 }
scenarios:
  - { kind: batch, prompts: documents-es, documents: 8, batchSize: 4 }
protocol: { warmup: 0, trials: 2 }
`

interface HasModel {
  readonly model: { readonly architecture: string; readonly synthetic?: unknown }
}

describe("models without weights", () => {
  const root = writeWorkspace(temporaryFolder(), {
    "models/configs/llama.yaml": llama,
    "models/configs/minilm.yaml": miniLm,
    "models/configs/later.yaml": sampleConfig("llama-3.1-70b-q4_k_m-32k"),
  })
  // The engines of this machine, and models of a gigabyte that go when the tests are done.
  const cache = temporaryFolder()
  const env = { RIGBOOK_CACHE: cache }
  const read = (path: string): string => readFileSync(join(root, path), "utf8")

  beforeAll(() => {
    const shared =
      process.env["RIGBOOK_CACHE"] ?? join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "rigbook")
    for (const kept of ["runtimes", "tools"]) symlinkSync(join(shared, kept), join(cache, kept))
  })

  it("are run by their real engines, and marked in the terminal", async () => {
    const { exitCode, stderr, stdout } = await rigbook(root, ["run"], env)
    assert.strictEqual(exitCode, 0, stderr + stdout)
    assert.include(stderr, `Llama 3.1 8B (${LLAMA_MARK}): creating random weights`)
    const rows = stdout.split("\n").filter((line) => line.startsWith("measured"))
    assert.lengthOf(rows, 2)
    assert.include(rows[0]!, `llama (${LLAMA_MARK}) · llamacpp · cpu`)
    assert.match(rows[0]!, /TTFT .* ms, decode .* tokens\/s.*synthetic-weights/)
    assert.include(rows[1]!, `minilm (${MINILM_MARK}) · sentence-transformers · cpu`)
    assert.match(rows[1]!, /docs\/s.*synthetic-weights/)
  })

  it("leave out what is planned only", () => {
    assert.lengthOf(recordFolders(root), 2)
  })

  it("carry the mark in each file that shows a figure of theirs", async () => {
    const report = await rigbook(root, ["report", "llama", "minilm", "--json"], env)
    assert.strictEqual(report.exitCode, 0, report.stderr)
    const { file } = JSON.parse(report.stdout) as { readonly file: string }
    const marked = (line: string): void => assert.include(line, /llama/i.test(line) ? LLAMA_MARK : MINILM_MARK)
    const rows = (text: string, pattern: RegExp): ReadonlyArray<string> => {
      const found = text.split("\n").filter((line) => pattern.test(line))
      assert.isAtLeast(found.length, 2)
      return found
    }
    for (const line of rows(read("models/REGISTRY.md"), /^\| \[[●▲✕]/)) marked(line)
    for (const line of rows(read(file), /^\| (Llama|MiniLM)/)) marked(line)
    // What is only planned has estimates, and no figures.
    const measured = read("models/registry.csv")
      .trim()
      .split("\n")
      .slice(1)
      .filter((row) => !row.includes(",planned,"))
    assert.isAtLeast(measured.length, 2)
    for (const row of measured) assert.include(row, row.startsWith("llama") ? LLAMA_MARK : MINILM_MARK)
    const registry = JSON.parse(read("models/registry.json")) as { entries: Array<{ records: Array<HasModel> }> }
    const cells = recordFolders(root).map(
      (folder) => (JSON.parse(readFileSync(join(folder, "record.json"), "utf8")) as { cell: HasModel }).cell,
    )
    for (const { model } of [...registry.entries.flatMap(({ records }) => records), ...cells])
      assert.deepStrictEqual(model.synthetic, { layers: model.architecture === "llama" ? 32 : 12 })
  })

  it("are marked where one record is shown", async () => {
    const { stdout } = await rigbook(root, ["show", "llama"], env)
    assert.include(stdout, `llama (${LLAMA_MARK})`)
    assert.include(stdout, "synthetic-weights: its answers are meaningless")
  })

  it("are kept: a second run makes and measures nothing", async () => {
    const { stderr, stdout } = await rigbook(root, ["run"], env)
    assert.strictEqual(stdout.match(/^reused /gm)?.length, 2)
    assert.notInclude(stderr, "creating random weights")
  })
})
