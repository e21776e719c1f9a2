import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { llamacpp } from "@rigbook/backend-llamacpp"
import { RunRecord } from "@rigbook/core"
import { freePort } from "@rigbook/core/engine"
import { fetchModel } from "@rigbook/core/models"
import { Effect, Schema } from "effect"
import { execa } from "execa"
import { appendFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs"
import type { AddressInfo } from "node:net"
import { dirname, join } from "node:path"
import { SMOLLM2_SOURCE } from "../../backend-llamacpp/test/smollm2Source.ts"
import { fakeOllama, fakeTei, type OtherServer } from "../../backend-openai/test/OtherServers.ts"
import { recordFolders, rigbook, temporaryFolder } from "./TemporaryWorkspace.ts"

interface Added {
  readonly config: string
  readonly about: ReadonlyArray<string>
  readonly next: string
}

const recordsIn = (root: string): ReadonlyArray<RunRecord> =>
  recordFolders(root).map((folder) =>
    Schema.decodeUnknownSync(RunRecord)(JSON.parse(readFileSync(join(folder, "record.json"), "utf8"))),
  )

const codesOf = ({ verdict }: RunRecord): ReadonlyArray<string> => verdict.reasons.map(({ code }) => code)

const medianOf = ({ values }: RunRecord, id: string): number | undefined => {
  const result = values.find(({ metric }) => metric === id)?.result
  return result !== undefined && "summary" in result ? result.summary.median : undefined
}

/** Adds a model of the server at `url` in an empty folder, measures it with few trials, and gives what came of both. */
const measured = async (url: string, filter = "", brief?: string) => {
  const root = temporaryFolder()
  const add = await rigbook(root, ["add", url, "--json"])
  assert.strictEqual(add.exitCode, 0, add.stderr)
  const added = JSON.parse(add.stdout) as Added
  const config = join(root, added.config)
  if (brief !== undefined) {
    mkdirSync(join(root, "prompts"))
    writeFileSync(join(root, "prompts/brief.jsonl"), '{"text":"The harbour was quiet"}\n')
    writeFileSync(config, readFileSync(config, "utf8").replace(/^scenarios:$[^]*/m, `scenarios:\n  - ${brief}\n`))
  }
  appendFileSync(config, "protocol: { warmup: 1, trials: 2 }\n")
  const ran = await rigbook(root, ["run", "--filter", filter])
  assert.strictEqual(ran.exitCode, 0, ran.stderr + ran.stdout)
  return { root, added, records: recordsIn(root) }
}

/** While it listens. */
const serving = async <A>({ server }: OtherServer, use: (url: string) => Promise<A>): Promise<A> => {
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done))
  try {
    return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  } finally {
    server.close()
    server.closeAllConnections()
  }
}

describe("a server that somebody else has started", () => {
  it("is measured from an empty folder with two commands, without a file of its model", async () => {
    await serving(fakeOllama(), async (url) => {
      const { added, records, root } = await measured(url)
      assert.strictEqual(added.next, "rigbook run llama3.2-1b")
      assert.include(added.about.join("\n"), "It can't ignore end-of-text")
      assert.include(added.about.join("\n"), `Add one with: rigbook add ${url} --model all-minilm:latest`)
      assert.lengthOf(records, 3)
      for (const record of records) {
        assert.deepInclude(Object.assign({}, record.cell.model), {
          format: "served",
          architecture: "llama",
          quantization: "Q8_0",
        })
        assert.notInclude(codesOf(record), "short-output")
        assert.notStrictEqual(record.verdict.status, "invalid", JSON.stringify(record.verdict))
        for (const id of ["ttft", "decode_tps_user", "e2e", "output_tps"]) assert.isAbove(medianOf(record, id)!, 0, id)
      }
      // What was requested of it was not more than it can do.
      const plan = await rigbook(root, ["plan"])
      assert.include(plan.stdout, "FITS · at its server")
      assert.include(plan.stdout, "unknown: its server holds the model")
      assert.strictEqual((await rigbook(root, ["verify"])).exitCode, 0)
      const again = await rigbook(root, ["add", url, "--json"])
      assert.deepInclude(JSON.parse(again.stdout), { made: false })
      const other = await rigbook(root, ["add", url, "--model", "none"])
      assert.strictEqual(other.exitCode, 2)
      assert.include(other.stderr, "It has: llama3.2:1b, all-minilm:latest")
    })
  })

  it("is planned from the weights in the owner's own Ollama store", async () => {
    const { model } = await Effect.runPromise(Effect.orDie(routed))
    const store = temporaryFolder()
    const digest = "d".repeat(64)
    const write = (path: string, text: string): void => {
      mkdirSync(dirname(join(store, path)), { recursive: true })
      writeFileSync(join(store, path), text)
    }
    const layers = [{ mediaType: "application/vnd.ollama.image.model", digest: `sha256:${digest}`, size: 1 }]
    write("manifests/registry.ollama.ai/library/llama3.2/1b", JSON.stringify({ schemaVersion: 2, layers }))
    mkdirSync(join(store, "blobs"))
    symlinkSync(model, join(store, `blobs/sha256-${digest}`))
    await serving(fakeOllama(), async (url) => {
      const root = temporaryFolder()
      const env = { OLLAMA_MODELS: store }
      const add = await rigbook(root, ["add", url, "--json"], env)
      assert.strictEqual(add.exitCode, 0, add.stderr)
      const text = readFileSync(join(root, (JSON.parse(add.stdout) as Added).config), "utf8")
      assert.include(text, `path: ${JSON.stringify(join(store, `blobs/sha256-${digest}`))}`)
      const plan = await rigbook(root, ["plan", "--json"])
      assert.strictEqual(plan.exitCode, 0, plan.stderr)
      assert.include(plan.stdout, '"format": "gguf"')
    })
  })

  it("is measured where it lists no models, and embeds", async () => {
    await serving(fakeTei(), async (url) => {
      const { records } = await measured(url, "32x8")
      assert.lengthOf(records, 1)
      assert.strictEqual(records[0]!.cell.runtime.program, "tei")
      assert.isAbove(medianOf(records[0]!, "docs_per_s")!, 0)
      assert.notStrictEqual(records[0]!.verdict.status, "invalid")
    })
  })

  it("says what it can't find at an address", async () => {
    const { exitCode, stderr } = await rigbook(temporaryFolder(), ["add", "http://127.0.0.1:9"])
    assert.strictEqual(exitCode, 2)
    assert.include(stderr, "No server with an OpenAI-compatible API answers at http://127.0.0.1:9")
  })
})

/** A folder with the model, the program, its environment, and a port. */
const routed = Effect.gen(function* () {
  const { path: binary } = yield* llamacpp.probe(yield* Schema.decodeUnknownEffect(llamacpp.config)({}))
  const { path: model } = yield* fetchModel("SmolLM2", SMOLLM2_SOURCE, "/")
  return { binary, model, port: yield* freePort }
}).pipe(Effect.provide(NodeServices.layer))

describe("a real llama-server as a router", () => {
  it("is measured by the file that it reports, each model by its name there", async () => {
    const { binary, model, port } = await Effect.runPromise(Effect.orDie(routed))
    const models = temporaryFolder()
    mkdirSync(models, { recursive: true })
    symlinkSync(model, join(models, "smollm2.gguf"))
    const words = [
      "--models-dir",
      models,
      "--host",
      "127.0.0.1",
      "--port",
      String(port),
      "-c",
      "512",
      "-t",
      "1",
      "-np",
      "1",
    ]
    const router = execa(binary, words, {
      env: { LD_LIBRARY_PATH: dirname(binary) },
      reject: false,
      stdio: "ignore",
    })
    try {
      const url = `http://127.0.0.1:${port}`
      await up(`${url}/health`)
      const { records } = await measured(
        url,
        "",
        "{ kind: latency, prompts: { file: prompts/brief.jsonl }, requests: 1, outputTokens: 8 }",
      )
      const [record] = records
      assert.strictEqual(record!.cell.runtime.program, "llamacpp")
      assert.deepStrictEqual(record!.cell.runtime.libraries, { model: "smollm2" })
      // All facts of its file, though another program serves it.
      assert.deepInclude(Object.assign({}, record!.cell.model), {
        format: "gguf",
        architecture: "llama",
        quantization: "Q4_1",
      })
      assert.notStrictEqual(record!.verdict.status, "invalid", JSON.stringify(record!.verdict))
      assert.isAbove(medianOf(record!, "decode_tps_user")!, 0)
    } finally {
      router.kill("SIGTERM")
      await router
    }
  })
})

const up = async (url: string): Promise<void> => {
  for (;;) {
    const ok = await fetch(url).then(
      (answer) => answer.ok,
      () => false,
    )
    if (ok) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
