import { assert, describe, it } from "@effect/vitest"
import { Sample } from "@rigbook/core"
import { agreement } from "@rigbook/records"
import { Schema } from "effect"
import { readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import {
  journalOf,
  recordFolders,
  rigbook,
  sampleConfig,
  sampleModel,
  temporaryFolder,
  writeWorkspace,
} from "./TemporaryWorkspace.ts"

const decodeSample = Schema.decodeUnknownSync(Sample)

const GENERATED = ["models/REGISTRY.md", "models/registry.json", "models/registry.csv", "models/registry.html"]

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
    // One thread leaves a core to us even on two: what the next test compares is clocks, not who gets a core.
    const config = "models/configs/smollm2-135m-instruct.yaml"
    const text = read(config).replace("context: 2048", "context: 2048\n    threads: 1")
    writeFileSync(join(root, config), text.replace("outputTokens: 32", "outputTokens: 48"))
    const { exitCode, stderr, stdout } = await rigbook(root, ["run", "--filter", "short-chat,en-32x8", "--json"])
    assert.strictEqual(exitCode, 0, stderr)
    const records = JSON.parse(stdout) as Array<{ status: string; values: Record<string, { median?: number }> }>
    assert.deepStrictEqual(
      records.map(({ status }) => status),
      ["measured", "measured"],
    )
    assert.isAbove(records[0]!.values["docs_per_s"]!.median!, 0)
    assert.isAbove(records[1]!.values["decode_tps_user"]!.median!, 0)
    assert.isAbove(records[1]!.values["memory_peak"]!.median!, 90e6)
    assert.match(stderr, /trial \d+ of 10/)
  })

  it("the engine's clock and ours agree: decode within 1 %, prefill within 5 %", () => {
    const folder = recordFolders(root).find((name) => name.includes("llamacpp"))!
    const trials = journalOf(folder)
      .flatMap(({ sample }) => (sample?.phase === "measured" ? [decodeSample(sample)] : []))
      .map((sample) => agreement(sample)!)
    const percent = (ratio: number): string => `${(100 * (ratio - 1)).toFixed(2)} %`.padStart(9)
    console.log(
      ["our clock against llama-server's timings", "trial   decode  prefill"]
        .concat(
          trials.map(({ decode, prefill }, trial) => `${String(trial).padEnd(5)}${percent(decode)}${percent(prefill)}`),
        )
        .join("\n"),
    )
    assert.strictEqual(trials.length, 10)
    // In the median: a busy machine may hold up single trials. One interval too many would be 2 % in each.
    const median = (ratios: ReadonlyArray<number>) => ratios.toSorted((a, b) => a - b)[ratios.length >> 1]!
    assert.approximately(median(trials.map(({ decode }) => decode)), 1, 0.01)
    assert.approximately(median(trials.map(({ prefill }) => prefill)), 1, 0.05)
  })

  it("a second run keeps what holds, and says so", async () => {
    const { exitCode, stderr, stdout } = await rigbook(root, ["run", "--filter", "short-chat,en-32x8"])
    assert.strictEqual(exitCode, 0, stderr)
    assert.strictEqual(stdout.match(/^kept /gm)?.length, 2)
    assert.match(stderr, /kept, its record of \d{4}-\d\d-\d\d is (valid|suspect)/)
    assert.strictEqual(recordFolders(root).length, 2)
  })

  it("every row of figures in REGISTRY.md names a record that is there", () => {
    const lines = read("models/REGISTRY.md").split("\n")
    const isHead = (index: number): boolean => /^\| :?-/.test(lines[index + 1] ?? "")
    const rows = lines.filter((line, index) => line.startsWith("| ") && /\d/.test(line) && !isHead(index))
    assert.isAbove(rows.length, 20)
    for (const row of rows) {
      const link = /\]\((\.\.\/benchmarks\/results\/raw\/[^)]+\/record\.json)\)/.exec(row)?.[1]
      assert.isDefined(link, row)
      assert.isNotEmpty(read(join("models", link!)))
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
    assert.include(stdout, `${path}:${text.slice(0, at).split("\n").length}: not what the records say`)
  })

  it("runs, show and report tell of the records", async () => {
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

it("run --setup installs an engine that is missing, and run alone says how to", async () => {
  const config = `${sampleModel("smollm2-135m-instruct")}backends:
  llamacpp: { context: 512, threads: 1 }
scenarios:
  - { kind: latency, prompts: short-chat, requests: 1, outputTokens: 2 }
protocol: { warmup: 0, trials: 1 }
`
  const root = writeWorkspace(temporaryFolder(), { "models/configs/smollm2.yaml": config })
  const empty = { RIGBOOK_CACHE: join(root, "cache") }
  const without = await rigbook(root, ["run"], empty)
  assert.strictEqual(without.exitCode, 2)
  assert.include(without.stderr, "rigbook setup llamacpp")
  const { exitCode, stderr, stdout } = await rigbook(root, ["run", "--setup"], empty)
  assert.strictEqual(exitCode, 0, stderr)
  assert.include(stdout, "too-few-trials")
})

it("in a workspace, doctor and setup care for the engines of its configs only", async () => {
  const config = sampleConfig("smollm2-135m-instruct")
  const root = writeWorkspace(temporaryFolder(), { "models/configs/smollm2.yaml": config })
  const doctor = await rigbook(root, ["doctor", "--json"])
  assert.strictEqual(doctor.exitCode, 0, doctor.stderr)
  const { engines } = JSON.parse(doctor.stdout) as { engines: Array<{ backend: string; used: boolean }> }
  const used = engines.filter((engine) => engine.used).map(({ backend }) => backend)
  assert.deepStrictEqual(used, ["llamacpp"])
  const setup = await rigbook(root, ["setup", "--json"])
  assert.strictEqual(setup.exitCode, 0, setup.stderr)
  const done = JSON.parse(setup.stdout) as Array<{ backend: string }>
  assert.deepStrictEqual(
    done.map(({ backend }) => backend),
    ["llamacpp"],
  )
})

describe("what needs no workspace", () => {
  it("doctor shows every engine, and fails for one that is missing", async () => {
    const { exitCode, stdout } = await rigbook(temporaryFolder(), ["doctor", "--json"])
    const { engines } = JSON.parse(stdout) as { engines: Array<{ backend: string; ok: boolean; used: boolean }> }
    assert.deepStrictEqual(
      engines.map(({ backend, used }) => [backend, used]),
      [
        ["llamacpp", true],
        ["openai", false], // whose server only a config names
        ["sentence-transformers", true],
        ["vllm", true],
      ],
    )
    assert.isTrue(engines[0]!.ok && engines[2]!.ok)
    assert.strictEqual(exitCode, engines[3]!.ok ? 0 : 1) // vLLM is set up by the tests of its own package
  })

  it("schema prints the schema of every kind of file", async () => {
    const names = (await rigbook(temporaryFolder(), ["schema"])).stdout.split("\n").map((line) => line.split(" ")[0]!)
    assert.isAtLeast(names.length, 5)
    for (const name of names) {
      const { stdout } = await rigbook(temporaryFolder(), ["schema", name])
      assert.property(JSON.parse(stdout), "$schema")
    }
  })
})
