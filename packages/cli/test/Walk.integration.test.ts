import { assert, describe, it } from "@effect/vitest"
import { readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { firstPrompts, recordFolders, rigbook, temporaryFolder } from "./TemporaryWorkspace.ts"

const GENERATED = [
  "models/REGISTRY.md",
  "models/all-models.md",
  "models/registry.json",
  "models/registry.csv",
  "models/registry.html",
]

describe("from an empty folder to a registry", () => {
  const root = temporaryFolder()
  const read = (path: string): string => readFileSync(join(root, path), "utf8")

  it("init makes a workspace, once", async () => {
    const made = await rigbook(root, ["init"])
    assert.strictEqual(made.exitCode, 0, made.stderr)
    assert.include(made.stdout, "models/configs/smollm2-135m-instruct.yaml")
    assert.strictEqual((await rigbook(root, ["init"])).exitCode, 2)
  })

  it("run measures both models with their real engines", async () => {
    // Two threads that wait for each other stand still where other programs run.
    const config = "models/configs/smollm2-135m-instruct.yaml"
    const text = read(config).replace("context: 2048", "context: 2048\n    threads: 1")
    writeFileSync(join(root, config), `${text}protocol: { warmup: 1, trials: 5 }\n`)
    const other = "models/configs/all-minilm-l6-v2.yaml"
    const fewer = read(other)
      .replace("sentence-transformers: {}", "sentence-transformers: { threads: 1 }")
      .replace("documents: 32", "documents: 8")
    writeFileSync(join(root, other), `${fewer}protocol: { warmup: 1, trials: 5 }\n`)
    writeFileSync(join(root, "benchmarks/configs/prompts/short-chat.jsonl"), firstPrompts("short-chat", 3))
    const { exitCode, stderr, stdout } = await rigbook(root, ["run", "--filter", "short-chat,en-8x8", "--json"])
    assert.strictEqual(exitCode, 0, stderr)
    const records = JSON.parse(stdout) as Array<{ status: string; values: Record<string, { median?: number }> }>
    assert.deepStrictEqual(
      records.map(({ status }) => status),
      ["measured", "measured"],
    )
    assert.isAbove(records[0]!.values["docs_per_s"]!.median!, 0)
    assert.isAbove(records[1]!.values["decode_tps_user"]!.median!, 0)
    assert.isAbove(records[1]!.values["memory_peak"]!.median!, 90e6)
    assert.match(stderr, /trial \d+ of 5/)
  })

  it("a second run keeps what holds, and says so", async () => {
    const { exitCode, stderr, stdout } = await rigbook(root, ["run", "--filter", "short-chat,en-8x8"])
    assert.strictEqual(exitCode, 0, stderr)
    assert.strictEqual(stdout.match(/^reused /gm)?.length, 2)
    assert.match(stderr, /reused: its record of \d{4}-\d\d-\d\d is (valid|suspect)/)
    assert.strictEqual(recordFolders(root).length, 2)
  })

  it("every row of figures in REGISTRY.md names a record that is there", () => {
    const lines = read("models/REGISTRY.md").split("\n")
    const isHead = (index: number): boolean => /^\| :?-/.test(lines[index + 1] ?? "")
    const rows = lines.filter((line, index) => /^\| .*[●▲✕]/.test(line) && /\d/.test(line) && !isHead(index))
    assert.isAbove(rows.length, 3)
    const addresses = new Map(
      lines.flatMap((line) => {
        const [, name, address] = /^\[(r\d+)\]: (\S+)$/.exec(line) ?? []
        return name === undefined ? [] : [[name, address!] as const]
      }),
    )
    for (const row of rows) {
      const address = addresses.get(/\]\[(r\d+)\]/.exec(row)?.[1] ?? "")
      assert.isDefined(address, row)
      assert.isNotEmpty(read(join("models", address!)))
    }
  })

  it("deleted files come back byte for byte", async () => {
    const before = GENERATED.map(read)
    for (const path of GENERATED) rmSync(join(root, path))
    assert.strictEqual((await rigbook(root, ["registry"])).exitCode, 0)
    assert.deepStrictEqual(GENERATED.map(read), before)
    assert.strictEqual((await rigbook(root, ["registry", "--check"])).exitCode, 0)
  })

  it.each(GENERATED)("a changed digit in %s fails the check, which names the line", async (path) => {
    const text = read(path)
    const at = text.search(/\d\.\d/)
    const digit = text[at] === "9" ? "8" : "9"
    writeFileSync(join(root, path), `${text.slice(0, at)}${digit}${text.slice(at + 1)}`)
    const { exitCode, stdout } = await rigbook(root, ["registry", "--check"])
    writeFileSync(join(root, path), text)
    assert.strictEqual(exitCode, 1)
    assert.include(stdout, `${path}:${text.slice(0, at).split("\n").length}: differs from the records`)
  })

  it("runs, show and report print the records", async () => {
    const runs = await rigbook(root, ["runs", "--json"])
    const listed = JSON.parse(runs.stdout) as { records: Array<{ record: string }> }
    assert.strictEqual(listed.records.length, 2)
    const shown = await rigbook(root, ["show", "smollm2"])
    assert.include(shown.stdout, "Time to first token")
    for (const format of ["markdown", "json", "csv"]) {
      const reported = await rigbook(root, ["report", "smollm2", "minilm", "--format", format])
      assert.strictEqual(reported.exitCode, 0, reported.stderr)
      const text = read(reported.stdout)
      assert.isNotEmpty(text)
      if (format !== "markdown") continue
      const plots = [...text.matchAll(/\]\((\S+\.telemetry\.svg)\)/g)].map(([, name]) => name!)
      assert.strictEqual(plots.length, 2)
      for (const name of plots) assert.match(read(`benchmarks/results/reports/${name}`), /^<svg .*cores in use/s)
    }
    assert.strictEqual((await rigbook(root, ["show", "nothing-like-it"])).exitCode, 2)
  })
})
