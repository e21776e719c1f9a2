import { assert, beforeAll, describe, it } from "@effect/vitest"
import { createHash } from "node:crypto"
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs"
import { dirname, join } from "node:path"
import { recordFolders, rigbook, sampleConfig, temporaryFolder, writeWorkspace } from "./TemporaryWorkspace.ts"

interface Added {
  readonly config: string
  readonly made: boolean
  readonly files: ReadonlyArray<string>
  readonly next: string
}

const FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
const CONFIG = "models/configs/smollm2-135m-instruct.q4_1.yaml"

/** Where the model of a sample config is. */
const pathOf = async (name: string): Promise<string> => {
  const root = writeWorkspace(temporaryFolder(), { "models/configs/a.yaml": sampleConfig(name) })
  const { stderr, stdout } = await rigbook(root, ["inspect", "a", "--json"])
  assert.isTrue(stdout.startsWith("{"), stderr)
  return (JSON.parse(stdout) as { readonly path: string }).path
}

describe("a model that no config names", () => {
  let weights = ""
  beforeAll(async () => {
    weights = await pathOf("smollm2-135m-instruct")
  })
  const folderWith = (...files: ReadonlyArray<string>): string => {
    const root = temporaryFolder()
    for (const file of files) {
      mkdirSync(dirname(join(root, file)), { recursive: true })
      symlinkSync(weights, join(root, file))
    }
    return root
  }

  it("gets a config and a workspace from rigbook add, once", async () => {
    const root = folderWith(FILE, `other/${FILE}`)
    const add = async (...args: ReadonlyArray<string>) => rigbook(root, ["add", ...args, "--json"])
    const first = await add(FILE)
    assert.strictEqual(first.exitCode, 0, first.stderr)
    const { config, files, made } = JSON.parse(first.stdout) as Added
    assert.deepStrictEqual({ config, made }, { config: CONFIG, made: true })
    assert.includeMembers([...files], ["rigbook.yaml", "benchmarks/configs/prompts/short-chat.jsonl"])
    assert.deepStrictEqual(readdirSync(join(root, "models/configs")), ["smollm2-135m-instruct.q4_1.yaml"])
    const text = readFileSync(join(root, CONFIG), "utf8")
    const schema = /^# yaml-language-server: \$schema=(.+)$/m.exec(text)![1]!
    const { properties } = JSON.parse(readFileSync(join(root, "models/configs", schema), "utf8")) as {
      readonly properties: Readonly<Record<string, unknown>>
    }
    assert.containsAllKeys(properties, ["name", "source", "backends", "scenarios"])
    assert.include(text, `sha256: ${createHash("sha256").update(readFileSync(weights)).digest("hex")}`)
    assert.include(text, "backends:\n  llamacpp: {}\nplacement:")
    const planned = await rigbook(root, ["plan"])
    assert.strictEqual(planned.exitCode, 0, planned.stderr)

    const again = await add(FILE)
    assert.deepInclude(JSON.parse(again.stdout) as Added, { config: CONFIG, made: false })
    const taken = await add(`other/${FILE}`)
    assert.deepStrictEqual([taken.exitCode, /--name <name>/.test(taken.stderr)], [2, true])
    const outside = await add(FILE, "--name", "../outside")
    assert.deepStrictEqual([outside.exitCode, existsSync(join(root, "models/outside.yaml"))], [2, false])
    assert.strictEqual(readFileSync(join(root, CONFIG), "utf8"), text)
    const named = await add(`other/${FILE}`, "--name", "other")
    assert.deepInclude(JSON.parse(named.stdout) as Added, { config: "models/configs/other.yaml", made: true })
  })

  it("leaves nothing behind where there is no model", async () => {
    const root = temporaryFolder()
    mkdirSync(join(root, "empty"))
    for (const [path, message] of [
      ["empty", /No backend can read/],
      ["gone.gguf", /There is no file or folder "gone\.gguf"/],
      ["me/small", /hf download me\/small --local-dir/],
    ] as const) {
      const { exitCode, stderr } = await rigbook(root, ["add", path])
      assert.strictEqual(exitCode, 2)
      assert.match(stderr, message)
    }
    assert.match((await rigbook(root, ["run", "gone.gguf"])).stderr, /There is no file or folder "gone\.gguf"/)
    assert.deepStrictEqual(readdirSync(root), ["empty"])
  })

  it("is an embedding model where its folder is one", async () => {
    const root = temporaryFolder()
    symlinkSync(await pathOf("all-minilm-l6-v2"), join(root, "MiniLM"))
    const { exitCode, stderr } = await rigbook(root, ["add", "MiniLM"])
    assert.strictEqual(exitCode, 0, stderr)
    const text = readFileSync(join(root, "models/configs/minilm.yaml"), "utf8")
    assert.match(text, /^task: embed$/m)
    assert.match(text, /^ {2}sentence-transformers: \{\}$/m)
    const planned = await rigbook(root, ["plan"])
    assert.strictEqual(planned.exitCode, 0, planned.stderr)
  })

  it("is measured by rigbook run, which writes its config once", async () => {
    const root = folderWith(FILE)
    const run = (filter: string) => rigbook(root, ["run", FILE, "--filter", filter])
    const none = await run("no such cell")
    assert.strictEqual(none.exitCode, 2)
    assert.include(none.stderr, `Wrote ${CONFIG} for ${FILE}, in a new workspace.`)
    for (const scenario of ["latency-short-chat-1x32", "context-2000-1x16", "latency-short-chat-1x256"])
      assert.include(none.stderr, scenario)
    appendFileSync(join(root, CONFIG), "protocol: { warmup: 1, trials: 2 }\n")
    const measured = await run("latency-short-chat-1x32")
    assert.strictEqual(measured.exitCode, 0, measured.stderr)
    assert.include(measured.stderr, `${FILE} is the model of ${CONFIG}.`)
    assert.lengthOf(recordFolders(root), 1)
    assert.include(readFileSync(join(root, "models/REGISTRY.md"), "utf8"), "SmolLM2-135M-Instruct")
  })
})
