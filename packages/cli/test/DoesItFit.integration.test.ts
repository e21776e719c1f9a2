import { assert, beforeAll, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { hubServer } from "../../core/test/models/hub/hubServer.ts"
import { rigbook, sampleConfig, temporaryFolder, writeWorkspace } from "./TemporaryWorkspace.ts"

interface Planned {
  readonly cells: ReadonlyArray<{
    readonly backend: string
    readonly fit: { readonly kind: string; readonly missingBytes?: number }
    readonly placement: { readonly strategy: string } | null
    readonly longestContext: { readonly value?: number }
    readonly speed: { readonly decode: { readonly value?: { readonly value: number; readonly records: number } } }
    readonly demand: ReadonlyArray<{ readonly device: string; readonly bytes: number; readonly freeBytes: number }>
  }>
}

const HOST = `name: Mine
cpu: { model: CPU, logicalCores: 8 }
memory: { totalMiB: 100000, freeMiB: 90000 }
gpus: [{ name: Unheard of, count: 2, totalMiB: 32109, freeMiB: 31588 }]
`

/** The headers of a config's shape, as a file of its length: of Llama 3.1 70B in Q4_K_M where none is given. */
const headers = async (config = sampleConfig("llama-3.1-70b-q4_k_m-8k")): Promise<string> => {
  const cache = temporaryFolder()
  const root = writeWorkspace(temporaryFolder(), {
    "models/configs/a.yaml": config,
    "benchmarks/configs/hosts/mine.yaml": HOST,
  })
  const { exitCode, stderr } = await rigbook(root, ["plan", "a", "--host", "mine"], { RIGBOOK_CACHE: cache })
  assert.strictEqual(exitCode, 0, stderr)
  const models = join(cache, "models")
  const file = readdirSync(models, { recursive: true, encoding: "utf8" }).find((name) => name.endsWith(".gguf"))
  return join(models, file!)
}

describe("rigbook plan of a model, without a config and without a workspace", () => {
  const nowhere = temporaryFolder()
  let model = ""
  beforeAll(async () => {
    model = await headers()
  })
  const plan = (args: ReadonlyArray<string>, env: Readonly<Record<string, string>> = {}) =>
    rigbook(nowhere, ["plan", model, ...args], env)
  const cellOf = async (...args: ReadonlyArray<string>) => {
    const { stderr, stdout } = await plan([...args, "--json"])
    assert.isTrue(stdout.startsWith("{"), stderr)
    return (JSON.parse(stdout) as Planned).cells[0]!
  }

  it("says in its first line that 70B fits on two RTX 5090, with memory, context and speed", async () => {
    const { exitCode, stderr, stdout } = await plan(["--host", "dual-rtx-5090"])
    assert.strictEqual(exitCode, 0, stderr)
    const [first, ...rest] = stdout.split("\n")
    assert.match(first!, /^FITS · \d+\.\d\d \+ \d+\.\d\d of 30\.85 GiB · up to \d+ tokens · about [\d.]+ tokens\/s$/)
    assert.isAtMost(first!.length, 80)
    const below = rest.join("\n")
    for (const part of ["weights", "KV cache", "compute", "runtime overhead", "margin"])
      assert.match(below, new RegExp(`^ {4}${part} +\\d+\\.\\d\\d GiB  (exact|formula|heuristic)$`, "m"))
    assert.notMatch(below, /rule of thumb|not checked on a host/)
    assert.match(below, /an estimate, by data\s+sheets/)
  })

  it("is the plan of a config of the same model", async () => {
    const cell = await cellOf("--host", "dual-rtx-5090", "--context", "8192")
    const root = writeWorkspace(temporaryFolder(), {
      "models/configs/a.yaml": sampleConfig("llama-3.1-70b-q4_k_m-8k"),
    })
    const { stdout } = await rigbook(root, ["plan", "a", "--host", "dual-rtx-5090", "--json"])
    const [same] = (JSON.parse(stdout) as Planned).cells
    for (const key of ["fit", "placement", "longestContext"] as const) assert.deepStrictEqual(cell[key], same![key])
    assert.deepStrictEqual(
      cell.demand.map(({ bytes }) => bytes),
      same!.demand.map(({ bytes }) => bytes),
    )
  })

  it("says by how much it does not fit, and that the processor could help", async () => {
    const cell = await cellOf("--host", "rtx-4090")
    assert.strictEqual(cell.fit.kind, "helped")
    assert.strictEqual(cell.placement?.strategy, "offload")
    const { stdout } = await plan(["--host", "rtx-4090"])
    const missing = (cell.fit.missingBytes! / 2 ** 30).toFixed(2)
    assert.isTrue(stdout.startsWith(`DOES NOT FIT on the GPU · ${missing} GiB too little`), stdout)
    const none = await plan(["--host", "cpu-only"])
    assert.strictEqual(none.exitCode, 1)
    assert.match(none.stdout, /^DOES NOT FIT · \d+\.\d\d GiB too little\n/)
  })

  it("goes into 60 columns", async () => {
    const { stdout } = await plan(["--host", "dual-rtx-5090"], { COLUMNS: "60" })
    for (const line of stdout.split("\n")) assert.isAtMost(line.length, 60, line)
  })

  it("suggests a host, a config or how a model is named where one is mistyped", async () => {
    const host = await plan(["--host", "dual-rtx-509"])
    assert.deepStrictEqual(
      [host.exitCode, host.stderr],
      [2, 'Unknown host "dual-rtx-509"; did you mean "dual-rtx-5090"?'],
    )
    assert.include((await plan(["--host", "dual-5090"])).stderr, 'did you mean "dual-rtx-5090"?')
    assert.match((await plan(["--host", "a-fridge"])).stderr, /available: .*rtx-4090/)
    const none = await rigbook(nowhere, ["plan", "llama"])
    assert.strictEqual(none.exitCode, 2)
    assert.match(none.stderr, /There is no file, folder or config "llama", nor is it a name on a hub/)
    const gone = await rigbook(nowhere, ["plan", "models/gone.gguf"])
    assert.match(gone.stderr, /There is no file, folder or config "models\/gone\.gguf"/)
    assert.match((await rigbook(nowhere, ["plan"])).stderr, /Create a workspace with: rigbook init/)
    const root = writeWorkspace(temporaryFolder(), {
      "models/configs/mixtral.yaml": sampleConfig("mixtral-8x7b-q4_k_m"),
    })
    const context = await rigbook(root, ["plan", "mixtral", "--context", "100"])
    assert.deepStrictEqual([context.exitCode, context.stderr.startsWith("--context is for models")], [2, true])
    assert.match((await rigbook(root, ["plan", "mixtrl"])).stderr, /did you mean the config "mixtral"\?/)
  })

  it("reads a folder that holds nothing but a model's GGUF, and says why another can't be read", async () => {
    const folder = join(model, "..")
    const found = await rigbook(nowhere, ["plan", folder, "--host", "h200", "--json"])
    assert.strictEqual((JSON.parse(found.stdout) as Planned).cells[0]?.backend, "llamacpp")
    const two = temporaryFolder()
    for (const name of ["a.gguf", "b.gguf"]) writeFileSync(join(two, name), "")
    assert.match((await rigbook(nowhere, ["plan", two])).stderr, /holds several models; name one: a\.gguf, b\.gguf/)
    const empty = join(temporaryFolder(), "empty")
    mkdirSync(empty)
    const none = await rigbook(nowhere, ["plan", empty, "--host", "h200"])
    assert.strictEqual(none.exitCode, 2)
    assert.match(none.stderr, /No backend can read/)
  })

  it.live("reads a model on a hub by its headers, and names its files where one has to be chosen", () =>
    Effect.gen(function* () {
      const small = sampleConfig("llama-3.1-70b-q4_k_m-8k")
        .replace(/layers: 80/, "layers: 2")
        .replace(/hiddenSize: 8192/, "hiddenSize: 256")
        .replace(/feedForward: 28672/, "feedForward: 512")
        .replace(/heads: 64/, "heads: 8")
      const file = yield* Effect.promise(() => headers(small))
      const { url } = yield* hubServer({ "me/small": { "q4/small.gguf": readFileSync(file) } }, "token")
      const env = { HF_ENDPOINT: url, RIGBOOK_CACHE: temporaryFolder() }
      const planned = (name: string) =>
        Effect.promise(() => rigbook(nowhere, ["plan", name, "--host", "rtx-3090"], env))
      const { exitCode, stderr, stdout } = yield* planned("me/small/q4/small.gguf")
      assert.strictEqual(exitCode, 0, stderr)
      assert.match(stdout, /^FITS · .+\n\nsmall\.gguf on One RTX 3090\n/)
      assert.include((yield* planned("me/small")).stderr, "behind the repository's name: q4/small.gguf.")
      assert.include((yield* planned("me/nothing")).stderr, "has no me/nothing")
    }).pipe(Effect.scoped),
  )

  it("comes with hosts that are those of this repository", () => {
    const [own, shipped] = ["../../../benchmarks/configs/hosts", "../hosts"].map((path) =>
      join(import.meta.dirname, path),
    )
    for (const name of readdirSync(own!))
      assert.strictEqual(readFileSync(join(shipped!, name), "utf8"), readFileSync(join(own!, name), "utf8"))
  })
})
