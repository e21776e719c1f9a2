import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { RunLine } from "@rigbook/core"
import { Schema } from "effect"
import { execa, execaSync } from "execa"
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs"
import { basename, join } from "node:path"
import {
  CLI,
  firstPrompts,
  journalOf,
  recordFolders,
  sampleModel,
  temporaryFolder,
  until,
  writeWorkspace,
} from "../../cli/test/TemporaryWorkspace.ts"
import { type Box, startBox } from "./loopback.ts"

const TRIALS = 4

const FILES = {
  "models/configs/smollm2.yaml": `${sampleModel("smollm2-135m-instruct")}hosts: [my-server]
backends:
  llamacpp: { context: 1024, threads: 1 }
scenarios:
  - { kind: latency, prompts: brief, requests: 1, outputTokens: 64 }
protocol: { warmup: 1, trials: ${TRIALS} }
`,
  "models/configs/minilm.yaml": `${sampleModel("all-minilm-l6-v2")}backends:
  sentence-transformers: { threads: 1 }
scenarios:
  - { kind: batch, prompts: documents, documents: 2, batchSize: 2 }
protocol: { warmup: 1, trials: 3 }
`,
  "benchmarks/configs/prompts/documents.jsonl": firstPrompts("documents-en", 2),
}

const decodeLine = Schema.decodeUnknownSync(Schema.fromJsonString(RunLine))
const linesOf = (stdout: string) => stdout.split("\n").map((line) => decodeLine(line))

describe("run --on a machine that ssh reaches", () => {
  let box: Box
  const root = writeWorkspace(temporaryFolder(), FILES)
  const config = temporaryFolder()
  const start = (...args: ReadonlyArray<string>) => startIn(root, ...args)
  const startIn = (cwd: string, ...args: ReadonlyArray<string>) =>
    execa(process.execPath, [CLI, ...args], {
      cwd,
      reject: false,
      env: { NO_COLOR: "1", PATH: box.path, XDG_CONFIG_HOME: config },
    })
  const units = () => join(box.home, ".local/state/rigbook/units")

  beforeAll(async () => {
    box = await startBox()
    // It has a Node of its own. That one is brought where there is none is in the test of conformance.
    const node = join(box.home, ".local/state/rigbook/node/here")
    mkdirSync(node, { recursive: true })
    symlinkSync(process.execPath, join(node, "node"))
  })
  afterAll(() => box?.close())

  const processes = (pattern: string): ReadonlyArray<string> => {
    const { stdout } = execaSync("pgrep", ["-f", `${box.home}.*${pattern}`], { reject: false })
    return stdout.split("\n").filter((pid) => pid !== "")
  }
  /** What of the other machine's workers runs, as the system says it. */
  const workers = () => processes(" worker")

  it("adds a host: it is checked, and kept for this user alone", async () => {
    const unknown = await start("run", "--on", "my-server")
    assert.strictEqual(unknown.exitCode, 2, unknown.stderr)
    assert.match(unknown.stderr, /Unknown host "my-server".*rigbook host add my-server user@box/)
    const nobody = await start("host", "add", "my-server", "-oProxyCommand=true")
    assert.strictEqual(nobody.exitCode === 0, false)
    const { exitCode, stderr, stdout } = await start("host", "add", "my-server", box.address, "--json")
    assert.strictEqual(exitCode, 0, stderr)
    const { facts } = JSON.parse(stdout) as { facts: { engines: object; host: { devices: ReadonlyArray<object> } } }
    assert.containsAllKeys(facts.engines, ["llamacpp", "sentence-transformers"])
    assert.isNotEmpty(facts.host.devices)
    assert.include((await start("host", "list")).stdout, "my-server")
    assert.notInclude((await start("host", "list", "--json")).stdout, box.address)
    assert.isFalse(existsSync(join(root, "benchmarks/configs/hosts")), "nothing of it is in the workspace")
  })

  it("plans for what the machine reports, and says what would be copied", async () => {
    const { exitCode, stderr, stdout } = await start("plan", "--on", "my-server", "--json")
    assert.strictEqual(exitCode, 0, stderr)
    const { cells, copies } = JSON.parse(stdout) as { cells: ReadonlyArray<{ placement: unknown }>; copies: unknown }
    assert.strictEqual(cells.length, 2)
    assert.isTrue(cells.every(({ placement }) => placement !== null))
    assert.deepStrictEqual(copies, [], "models of packages are fetched there")
    // A config with its model's file: it lies here and not there.
    const there = join(root, "models/there.gguf")
    const [model] = readdirSync(join(process.env["HOME"]!, ".cache/rigbook/models"), {
      recursive: true,
      encoding: "utf8",
    })
      .filter((file) => file.endsWith("SmolLM2-135M-Instruct.Q4_1.gguf"))
      .map((file) => join(process.env["HOME"]!, ".cache/rigbook/models", file))
    const bytes = readFileSync(model!)
    writeFileSync(there, bytes)
    writeFileSync(
      join(root, "models/configs/own.yaml"),
      FILES["models/configs/smollm2.yaml"].replace(/source:[\s\S]*?(?=hosts:)/, "source: { path: ../there.gguf }\n"),
    )
    const own = await start("plan", "own", "--on", "my-server", "--json")
    assert.deepStrictEqual((JSON.parse(own.stdout) as { copies: unknown }).copies, [
      { path: "../there.gguf", bytes: bytes.length },
    ])
    const page = await start("plan", "own", "--on", "my-server")
    assert.match(page.stdout, /copies \d+\.\d MiB there first:\n {2}\.\.\/there\.gguf/)
  })

  it("measures both models there; a connection that breaks and a program that is killed end nothing", async () => {
    const running = start("run", "smollm2", "minilm", "--on", "my-server", "--events")
    const farRaw = () =>
      readdirSync(join(box.home, ".local/state/rigbook/workspaces")).map((name) =>
        join(box.home, ".local/state/rigbook/workspaces", name, "benchmarks/results/raw"),
      )[0]!
    const isMeasured = () => {
      if (!existsSync(units()) || !existsSync(farRaw())) return false
      return readdirSync(farRaw()).some((id) => {
        const folder = join(farRaw(), id)
        return (
          existsSync(join(folder, "samples.ndjson")) &&
          journalOf(folder).some(({ sample }) => sample?.phase === "measured")
        )
      })
    }
    await until("a measured trial", isMeasured)
    box.cut()
    await new Promise((resolve) => setTimeout(resolve, 500))
    running.kill("SIGKILL")
    await running
    assert.isFalse(existsSync(join(root, "benchmarks/results/raw")) && recordFolders(root).length === 2)
    const { exitCode, stderr, stdout } = await start("run", "smollm2", "minilm", "--on", "my-server", "--events")
    assert.strictEqual(exitCode, 0, stderr)
    const lines = linesOf(stdout)
    assert.strictEqual(lines.filter(({ kind }) => kind === "finished").length, 2)
    assert.strictEqual(lines.filter(({ kind }) => kind === "started").length, 2, "each cell was begun once")
    const records = recordFolders(root)
    assert.strictEqual(records.length, 2)
    assert.sameMembers(
      records.map((folder) => basename(folder)),
      readdirSync(farRaw()),
    )
    for (const folder of records) {
      const { cell } = JSON.parse(readFileSync(join(folder, "record.json"), "utf8")) as { cell: { host: object } }
      assert.isObject(cell.host)
      for (const file of readdirSync(folder)) {
        const text = readFileSync(join(folder, file), "utf8")
        for (const secret of [box.address, box.folder]) assert.notInclude(text, secret, file)
      }
    }
    const verified = await start("verify")
    assert.strictEqual(verified.exitCode, 0, verified.stdout)
    assert.deepStrictEqual(workers(), [])
    await until("the end of all processes that answered over a connection", () => processes("agent").length === 0)
  })

  it("reuses what it has measured there, and brings nothing home twice", async () => {
    const before = recordFolders(root)
    const { exitCode, stderr, stdout } = await start("run", "smollm2", "minilm", "--on", "my-server", "--json")
    assert.strictEqual(exitCode, 0, stderr)
    assert.deepStrictEqual(
      (JSON.parse(stdout) as ReadonlyArray<{ status: string }>).map(({ status }) => status),
      ["kept", "kept"],
    )
    assert.deepStrictEqual(recordFolders(root), before)
  })

  it("gives its records to another workspace, which takes them once, and refuses one that was changed", async () => {
    const other = temporaryFolder()
    const folder = join(
      ".local/state/rigbook/workspaces",
      readdirSync(join(box.home, ".local/state/rigbook/workspaces"))[0]!,
    )
    const pulled = async () => {
      const { exitCode, stdout } = await startIn(
        other,
        "pull",
        `my-server:${join(box.home, folder)}`,
        "--as",
        "cellar",
        "--json",
      )
      const [taken] = (
        JSON.parse(stdout) as { pulled: ReadonlyArray<Record<"added" | "refused", ReadonlyArray<unknown>>> }
      ).pulled
      return { exitCode, added: taken!.added, refused: taken!.refused }
    }
    const raw = join(box.home, folder, "benchmarks/results/raw")
    const [changed, kept] = readdirSync(raw).toSorted()
    const file = join(raw, changed!, "record.json")
    const text = readFileSync(file, "utf8")
    const record = JSON.parse(text) as { startedAt: string }
    writeFileSync(file, JSON.stringify({ ...record, startedAt: "2020-01-01T00:00:00Z" }))
    const first = await pulled()
    assert.deepInclude(first, { exitCode: 1, added: [kept] })
    assert.lengthOf(first.refused, 1)
    writeFileSync(file, text)
    assert.deepStrictEqual(await pulled(), { exitCode: 0, added: [changed], refused: [] })
    assert.deepStrictEqual(await pulled(), { exitCode: 0, added: [], refused: [] })
    for (const id of [changed!, kept!])
      assert.strictEqual(
        readFileSync(join(other, "benchmarks/results/pulled/cellar/benchmarks/results/raw", id, "record.json"), "utf8"),
        readFileSync(join(raw, id, "record.json"), "utf8"),
      )
    const verified = await startIn(other, "verify")
    assert.strictEqual(verified.exitCode, 0, verified.stdout)
  })

  it("stops what runs there: nothing of it is left", async () => {
    const long = FILES["models/configs/smollm2.yaml"].replace(`trials: ${TRIALS}`, "trials: 400")
    writeFileSync(join(root, "models/configs/long.yaml"), long)
    const running = start("run", "long", "--events")
    await until(
      "a worker there",
      () =>
        existsSync(units()) &&
        readdirSync(units()).some(
          (name) => existsSync(join(units(), name, "worker.pid")) && !existsSync(join(units(), name, "ending.json")),
        ),
    )
    running.kill("SIGKILL")
    await running
    assert.isNotEmpty(workers())
    const { exitCode, stderr, stdout } = await start("host", "stop", "my-server")
    assert.strictEqual(exitCode, 0, stderr)
    assert.match(stdout, /^1 unit cancelled on my-server/)
    assert.deepStrictEqual(workers(), [])
    mkdirSync(join(root, "benchmarks/results/launched/my-server"), { recursive: true })
    assert.deepStrictEqual(readdirSync(join(root, "benchmarks/results/launched/my-server")), [])
  })
})
