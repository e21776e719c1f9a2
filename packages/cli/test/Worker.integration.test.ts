import { assert, describe, it } from "@effect/vitest"
import { CellOrder, RunLine } from "@rigbook/core"
import { Schema } from "effect"
import { execa } from "execa"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { basename, join } from "node:path"
import {
  CLI,
  journalOf,
  recordFolders,
  rigbook,
  sampleModel,
  temporaryFolder,
  until,
  writeWorkspace,
} from "./TemporaryWorkspace.ts"

const TRIALS = 4

const config = `${sampleModel("smollm2-135m-instruct")}backends:
  llamacpp: { context: 1024, threads: 1 }
scenarios:
  - { kind: latency, prompts: brief, requests: 1, outputTokens: 64 }
protocol: { warmup: 1, trials: ${TRIALS} }
`
const newWorkspace = () => writeWorkspace(temporaryFolder(), { "models/configs/smollm2.yaml": config })

const decodeLine = Schema.decodeUnknownSync(Schema.fromJsonString(RunLine), { onExcessProperty: "error" })
/** What was printed, each line decoded: there is nothing else. */
const linesOf = (stdout: string): ReadonlyArray<RunLine> => stdout.split("\n").map((line) => decodeLine(line))
const kindsOf = (lines: ReadonlyArray<RunLine>) => lines.map(({ kind }) => kind)

/** What runs differ in: times, ids, and how busy the machine was. */
const MOVING = new Set(
  "at startedAt environment freeBytes sentMs endMs chunkMs chunkTokens memory loadMs promptMs decodeMs".split(" "),
)
const still = (key: string, value: unknown): unknown =>
  MOVING.has(key) ||
  (key === "id" && /^\d{8}T/.test(String(value))) ||
  (key === "identity" && typeof value === "object")
    ? undefined
    : value
const stillLines = (folder: string) => journalOf(folder).map((line) => JSON.stringify(line, still))

const worker = (root: string, input: string) =>
  execa(process.execPath, [CLI, "worker"], { cwd: root, input, reject: false, env: { NO_COLOR: "1" } })

describe("run --events, and the worker", () => {
  const root = newWorkspace()
  const away = newWorkspace()
  let order: typeof CellOrder.Encoded

  it("prints a line for each thing that happens, and nothing else", async () => {
    const { exitCode, stderr, stdout } = await rigbook(root, ["run", "--events"])
    assert.strictEqual(exitCode, 0, stderr)
    const lines = linesOf(stdout)
    const trials = Array.from({ length: TRIALS }, () => "trial" as const)
    assert.deepStrictEqual(kindsOf(lines), ["run", "started", "opened", "trial", "asking", ...trials, "finished"])
    const [folder] = recordFolders(root)
    const record = JSON.parse(readFileSync(join(folder!, "record.json"), "utf8")) as {
      readonly cell: (typeof CellOrder.Encoded)["spec"]
      readonly verdict: { readonly status: "valid" | "suspect" | "invalid" }
    }
    assert.deepInclude(lines.at(-1), {
      cell: record.cell.identity,
      record: basename(folder!),
      status: record.verdict.status,
    })
    assert.match(stderr, /loading the model/, "people are shown how far it is all the same")
    assert.isTrue(existsSync(join(root, "models/REGISTRY.md")))
    order = { schema: 1, spec: record.cell, requested: "cpu", identity: "same", until: TRIALS, fresh: false }
    const again = await rigbook(root, ["run", "--events"])
    assert.deepStrictEqual(kindsOf(linesOf(again.stdout)), ["run", "reused"])
  })

  it("a worker makes the same of an order: the journal of a run, but for time", async () => {
    const { exitCode, stderr, stdout } = await worker(away, JSON.stringify(order))
    assert.strictEqual(exitCode, 0, stderr)
    assert.strictEqual(linesOf(stdout).at(-1)?.kind, "finished")
    const [[here], [there]] = [recordFolders(root), recordFolders(away)]
    assert.deepStrictEqual(stillLines(there!), stillLines(here!))
    const verified = await rigbook(away, ["verify", basename(there!)])
    assert.strictEqual(verified.exitCode, 0, verified.stdout)
    const kept = await worker(away, JSON.stringify(order))
    assert.deepStrictEqual(kindsOf(linesOf(kept.stdout)), ["run", "reused"])
  })

  it("a worker that is killed leaves a run that the next one resumes", async () => {
    const cut = newWorkspace()
    const running = execa(process.execPath, [CLI, "worker"], { cwd: cut, input: JSON.stringify(order), reject: false })
    const raw = join(cut, "benchmarks/results/raw")
    const measured = () => {
      const [folder] = existsSync(raw) ? recordFolders(cut) : []
      if (folder === undefined || !existsSync(join(folder, "samples.ndjson"))) return 0
      return journalOf(folder).filter(({ sample }) => sample?.phase === "measured").length
    }
    await until("a measured trial", () => measured() > 0)
    running.kill("SIGKILL")
    await running
    const kept = measured()
    const [folder, ...others] = recordFolders(cut)
    assert.deepStrictEqual(others, [])
    assert.isFalse(existsSync(join(folder!, "record.json")))
    const { exitCode, stderr, stdout } = await worker(cut, JSON.stringify(order))
    assert.strictEqual(exitCode, 0, stderr)
    assert.deepInclude(linesOf(stdout)[1], { kind: "started", record: basename(folder!), kept })
    assert.strictEqual(measured(), TRIALS)
    assert.deepStrictEqual(recordFolders(cut), [folder!])
  })

  it("a worker refuses an order of another machine, naming what differs", async () => {
    const runtime = { ...order.spec.runtime, version: "b0" }
    const wrong = { ...order, fresh: true, spec: { ...order.spec, runtime } }
    const { exitCode, stderr, stdout } = await worker(away, JSON.stringify(wrong))
    assert.strictEqual(exitCode, 2)
    assert.match(stderr, /runtime: ordered \S+ b0, here /)
    const [line, ...rest] = linesOf(stdout)
    assert.deepStrictEqual(rest, [])
    assert.isTrue(line?.kind === "error" && line.message.includes("ordered"))
  })

  it("what is no order, and what is no config, is a line too", async () => {
    const bad = await worker(away, JSON.stringify({ ...order, until: "soon" }))
    assert.strictEqual(bad.exitCode, 2)
    assert.match(bad.stderr, /^order:1:\d+: until: expected a number/m)
    assert.deepStrictEqual(kindsOf(linesOf(bad.stdout)), ["error"])
    writeFileSync(join(root, "models/configs/wrong.yaml"), config.replace("task: generate", "task: sing"))
    const refused = await rigbook(root, ["run", "--events"])
    assert.strictEqual(refused.exitCode, 2)
    assert.deepStrictEqual(kindsOf(linesOf(refused.stdout)), ["error"])
    const others = await rigbook(root, ["run", "--events", "--keep-going"])
    assert.strictEqual(others.exitCode, 1)
    assert.deepStrictEqual(kindsOf(linesOf(others.stdout)), ["error", "run", "reused"])
    assert.strictEqual((await rigbook(root, ["run", "--events", "--json"])).exitCode, 2)
  })
})
