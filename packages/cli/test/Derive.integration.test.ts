import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { assert, beforeAll, describe, it } from "vitest"
import { markText, ownMark } from "@rigbook/core/engine"
import { recordFolders, rigbook, temporaryFolder, writeWorkspace } from "./TemporaryWorkspace.ts"

const ROOT = join(import.meta.dirname, "../../..")
const STORED = join(ROOT, "benchmarks/results/raw")

/** A plugin's metric, as it is installed next to a workspace. */
const HICCUP = `export const hiccup = {
  id: "hiccup", title: "Hiccup", definition: "longest time between two chunks", unit: "ms", better: "lower",
  tasks: ["generate"],
  measure: ({ requests }) => {
    const gaps = requests.flatMap(({ chunkMs }) => chunkMs.slice(1).map((at, index) => at - chunkMs[index]))
    return gaps.length === 0 ? { absent: "no gap" } : { value: Math.max(...gaps) }
  },
}
`

interface Entry {
  readonly record: string
  readonly status: string
  readonly why?: string
  readonly figures?: ReadonlyArray<{ readonly metric: string; readonly after: { readonly value?: number } }>
}

describe("rigbook derive", () => {
  const root = temporaryFolder()
  const install = () => {
    const folder = join(root, "node_modules/rigbook-hiccup")
    mkdirSync(folder, { recursive: true })
    const metrics = [{ id: "hiccup", description: "the longest wait", export: "./index.js#hiccup" }]
    const manifest = { name: "rigbook-hiccup", version: "1.0.0", type: "module", rigbook: { contract: 1, metrics } }
    writeFileSync(join(folder, "package.json"), JSON.stringify(manifest))
    writeFileSync(join(folder, "index.js"), HICCUP)
    // As an installation would, for plugin and program have to have the same copies.
    for (const name of ["@rigbook/core", "effect"]) {
      const path = join(root, "node_modules", name)
      mkdirSync(dirname(path), { recursive: true })
      symlinkSync(join(ROOT, "node_modules", name), path)
    }
    writeFileSync(join(root, "rigbook.yaml"), "rigbook: 1\nplugins: [rigbook-hiccup]\n")
  }
  const uninstall = () => {
    rmSync(join(root, "node_modules"), { recursive: true })
    writeFileSync(join(root, "rigbook.yaml"), "rigbook: 1\n")
  }
  const clean = async (): Promise<string> => {
    const verified = await rigbook(root, ["verify"])
    assert.strictEqual(verified.exitCode, 0, verified.stdout)
    assert.notInclude(verified.stdout, "rigbook derive")
    return verified.stdout
  }

  beforeAll(async () => {
    writeWorkspace(root, { "models/notes/.gitkeep": "" })
    // Records of language models and of one that embeds, as they were measured.
    const names = readdirSync(STORED).filter((name) => /gemma|smollm2-135m-instruct-llamacpp|-en-32x1-/.test(name))
    for (const name of names)
      cpSync(join(STORED, name), join(root, "benchmarks/results/raw", name), { recursive: true })
    // Some may have been made by the rules of their time.
    assert.strictEqual((await rigbook(root, ["derive"])).exitCode, 0)
    const [first, second] = recordFolders(root).map((folder) => basename(folder))
    assert.strictEqual((await rigbook(root, ["registry"])).exitCode, 0)
    assert.strictEqual((await rigbook(root, ["report", first!])).exitCode, 0)
    assert.strictEqual((await rigbook(root, ["report", first!, second!])).exitCode, 0)
    await clean()
  })

  it("gives stored runs a metric that is new, and leaves all else as it is", async () => {
    const before = recordFolders(root).map((folder) => readFileSync(join(folder, "record.json"), "utf8"))
    install()
    const verified = await rigbook(root, ["verify"])
    assert.strictEqual(verified.exitCode, 0, verified.stdout)
    assert.lengthOf(verified.stdout.match(/\d+ records derived with other metrics: rigbook derive/g)!, 1)
    const check = await rigbook(root, ["derive", "--check"])
    assert.strictEqual(check.exitCode, 1, check.stderr)
    assert.match(check.stdout, /: to derive again, it was derived with other metrics\n {2}\+ hiccup \S+ ms\n/)
    assert.deepStrictEqual(
      recordFolders(root).map((folder) => readFileSync(join(folder, "record.json"), "utf8")),
      before,
    )

    const made = await rigbook(root, ["derive", "--json"])
    assert.strictEqual(made.exitCode, 0, made.stderr)
    const { files, records } = JSON.parse(made.stdout) as {
      records: ReadonlyArray<Entry>
      files: ReadonlyArray<string>
    }
    assert.include(files, "models/registry.json")
    const language = recordFolders(root).filter((folder) => !folder.includes("minilm"))
    assert.isAbove(language.length, 2)
    assert.deepStrictEqual(
      records.filter(({ status }) => status === "derived").map(({ figures, record }) => [record, figures![0]!.metric]),
      language.map((folder) => [basename(folder), "hiccup"]),
    )
    assert.isTrue(
      records.some(({ status }) => status === "current"),
      "it is no metric of one that embeds",
    )
    await clean()
    // The registry shows it, and each record is what it was but for it.
    const registry = JSON.parse(readFileSync(join(root, "models/registry.json"), "utf8")) as {
      entries: ReadonlyArray<{ records: ReadonlyArray<{ record: string; values: object }> }>
    }
    const shown = registry.entries.flatMap((entry) => entry.records).filter(({ values }) => "hiccup" in values)
    assert.sameMembers(
      shown.map(({ record }) => record),
      language.map((folder) => basename(folder)),
    )
    for (const [at, folder] of recordFolders(root).entries()) {
      const { values, ...rest } = JSON.parse(readFileSync(join(folder, "record.json"), "utf8")) as Record<
        string,
        unknown
      >
      const was = JSON.parse(before[at]!) as Record<string, unknown>
      assert.deepStrictEqual(
        { ...rest, values: (values as Array<{ metric: string }>).filter(({ metric }) => metric !== "hiccup") },
        was,
      )
    }
  })

  it("keeps the figures of a plugin that has gone", async () => {
    uninstall()
    const [first] = recordFolders(root)
    const path = join(first!, "record.json")
    const before = readFileSync(path, "utf8")
    writeFileSync(path, before.replace(/"derivation": \d+,/, '"derivation": 0,'))
    assert.match((await rigbook(root, ["verify"])).stdout, /^1 record derived with older rules: rigbook derive$/m)
    const made = await rigbook(root, ["derive"])
    assert.strictEqual(made.exitCode, 0, made.stderr)
    assert.include(made.stdout, `${basename(first!)}: derived again, it was derived with older rules\n  ~ derivation\n`)
    assert.strictEqual(readFileSync(path, "utf8"), before)
    assert.match(await clean(), /not checked: hiccup of .* belongs to a plugin that is not installed/)
  })

  it("shows a verdict of another version whole, and tells a figure that was typed by hand", async () => {
    const [first] = recordFolders(root)
    const path = join(first!, "record.json")
    const before = readFileSync(path, "utf8")
    const record = JSON.parse(before) as { verdict: { status: string; reasons: Array<object> } }
    record.verdict = {
      status: "suspect",
      reasons: [{ code: "of-tomorrow", level: "suspect", detail: "The moon was full", advice: "Wait a week." }],
    }
    writeFileSync(path, `${JSON.stringify({ ...record, derivation: 99 }, null, 2)}\n`)
    assert.strictEqual((await rigbook(root, ["registry"])).stderr, "")
    assert.include(
      readFileSync(join(root, "models/REGISTRY.md"), "utf8"),
      "| **of-tomorrow** | 1 | The moon was full | Wait a week. |",
    )
    for (const file of ["registry.json", "registry.html"]) {
      const text = readFileSync(join(root, "models", file), "utf8")
      for (const said of ["of-tomorrow", "The moon was full", "Wait a week."]) assert.include(text, said, file)
    }
    const shown = await rigbook(root, ["show", basename(first!)])
    assert.include(shown.stdout, "of-tomorrow: The moon was full. Wait a week.")
    const left = await rigbook(root, ["derive", basename(first!)])
    assert.include(left.stdout, "left unchanged: it was derived by a newer version of Rigbook")
    writeFileSync(path, before.replace(/"median": [\d.]+/, '"median": 0.125'))
    const verified = await rigbook(root, ["verify", basename(first!)])
    assert.strictEqual(verified.exitCode, 1)
    assert.match(verified.stdout, /record\.json:\d+: differs from what the samples give/)
    assert.strictEqual((await rigbook(root, ["derive", basename(first!)])).exitCode, 0)
    assert.strictEqual(readFileSync(path, "utf8"), before)
    await clean()
  })

  it("leaves interrupted runs, fails for samples that were changed, and waits for nobody who measures", async () => {
    const [cut, changed] = recordFolders(root)
    rmSync(join(cut!, "record.json"))
    const journal = readFileSync(join(cut!, "samples.ndjson"), "utf8")
    writeFileSync(join(cut!, "samples.ndjson"), journal.slice(0, -20))
    const path = join(changed!, "record.json")
    writeFileSync(path, readFileSync(path, "utf8").replace(/"derivation": \d+,/, '"derivation": 0,'))
    const samples = join(changed!, "samples.ndjson")
    writeFileSync(samples, readFileSync(samples, "utf8").replace(/"sentMs":[\d.]+/, '"sentMs":-1000'))
    const made = await rigbook(root, ["derive"])
    assert.strictEqual(made.exitCode, 1)
    assert.include(made.stdout, `${basename(cut!)}: left unchanged: it is unfinished; rigbook run resumes it`)
    assert.include(made.stdout, `${basename(changed!)}: failed: its samples have changed since it was derived`)

    const lock = join(root, `benchmarks/results/run.lock.${ownMark().host}`)
    writeFileSync(lock, markText(ownMark()))
    const busy = await rigbook(root, ["derive"])
    assert.strictEqual(busy.exitCode, 2)
    assert.include(busy.stderr, `Process ${process.pid} is measuring in this workspace`)
    assert.strictEqual((await rigbook(root, ["derive", "--check"])).exitCode, 1, "reading needs no lock")
    rmSync(lock)
    const unknown = await rigbook(root, ["derive", "nobody"])
    assert.strictEqual(unknown.exitCode, 2)
  })
})
