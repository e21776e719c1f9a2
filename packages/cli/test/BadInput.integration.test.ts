import { assert, describe, it } from "@effect/vitest"
import { closeSync, ftruncateSync, mkdirSync, openSync, symlinkSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { rigbook, sampleModel, temporaryFolder, writeWorkspace } from "./TemporaryWorkspace.ts"

const model = sampleModel("smollm2-135m-instruct")
const latency = "scenarios:\n  - kind: latency\n    prompts: short-chat\n"

/** Runs a workspace of bad configs; nothing may have been measured. */
const refused = async (configs: Readonly<Record<string, string>>, env: Readonly<Record<string, string>> = {}) => {
  const files = Object.fromEntries(Object.entries(configs).map(([name, text]) => [`models/configs/${name}.yaml`, text]))
  const root = writeWorkspace(temporaryFolder(), files)
  const { exitCode, stderr, stdout } = await rigbook(root, ["run"], env)
  assert.strictEqual(exitCode, 2, stderr)
  assert.strictEqual(stdout, "")
  return stderr
}

/** Line and column, from 1, of a text's first place in another. */
const placeOf = (text: string, part: string): string => {
  const before = text.slice(0, text.indexOf(part)).split("\n")
  return `${before.length}:${before.at(-1)!.length + 1}`
}

describe("rigbook run refuses, with exit code 2 and a place", () => {
  it("several mistakes in several files at once", async () => {
    const first = `${model}backends:\n  llamacpp:\n    contxt: 2048\n    threads: many\n${latency}protocol:\n  trails: 10\n`
    const second = `${model}backends:\n  lamacpp: {}\nplacement: cuda:7\n${latency}`
    const stderr = await refused({ first, second })
    assert.include(
      stderr,
      `models/configs/first.yaml:${placeOf(first, "contxt")}: backends.llamacpp.contxt: unknown key`,
    )
    assert.include(stderr, `did you mean "context"?`)
    assert.include(
      stderr,
      `models/configs/first.yaml:${placeOf(first, "trails")}: protocol.trails: unknown key; did you mean "trials"?`,
    )
    assert.include(
      stderr,
      `models/configs/second.yaml:${placeOf(second, "lamacpp")}: backends.lamacpp: unknown backend; did you mean "llamacpp"?`,
    )
  })

  it("a wrong type", async () => {
    const config = `${model}backends:\n  llamacpp:\n    threads: many\n${latency}`
    assert.match(
      await refused({ config }),
      new RegExp(`config.yaml:${placeOf(config, "many")}: backends.llamacpp.threads: expected .*, found "many"`),
    )
  })

  it("an unknown device", async () => {
    const config = `${model}backends:\n  llamacpp: {}\nplacement: cuda:7\n${latency}`
    assert.include(
      await refused({ config }),
      `config.yaml:${placeOf(config, "cuda:7")}: placement: unknown device "cuda:7"; this host has cpu`,
    )
  })

  it("a missing model file", async () => {
    const config = `name: Missing\ntask: generate\nsource:\n  path: ../missing.gguf\nbackends:\n  llamacpp: {}\n${latency}`
    assert.match(
      await refused({ config }),
      new RegExp(`config.yaml:${placeOf(config, "../missing")}: source.path: no model file .*/models/missing.gguf`),
    )
  })

  it("a truncated GGUF", async () => {
    const root = temporaryFolder()
    writeFileSync(join(root, "cut.gguf"), Buffer.from("GGUF\x03\0\0\0\x01\0\0\0\0\0\0\0\x01\0", "latin1"))
    const config = `name: Cut\ntask: generate\nsource:\n  path: ${join(root, "cut.gguf")}\nbackends:\n  llamacpp: {}\n${latency}`
    assert.match(
      await refused({ config }),
      /config.yaml:4:9: source.path: .*cut.gguf ends inside its header, at 18 bytes/,
    )
  })

  it("a file that is no GGUF at all", async () => {
    const root = temporaryFolder()
    const path = join(root, "short.gguf")
    const file = openSync(path, "w")
    ftruncateSync(file, 1000)
    closeSync(file)
    const config = `name: Zeros\ntask: generate\nsource:\n  path: ${path}\nbackends:\n  llamacpp: {}\n${latency}`
    assert.match(await refused({ config }), /config.yaml:4:9: source.path: .*not a GGUF file/)
  })

  it("a port that a stranger's server listens on", async () => {
    const stranger = createServer((_, response) => response.end('{"status":"ok"}'))
    await new Promise<void>((resolve) => stranger.listen(0, "127.0.0.1", resolve))
    try {
      const { port } = stranger.address() as AddressInfo
      const config = `${model}backends:\n  llamacpp:\n    port: ${port}\n${latency}`
      assert.match(
        await refused({ config }),
        new RegExp(`config.yaml:${placeOf(config, `${port}`)}: backends.llamacpp.port: .*${port}`),
      )
    } finally {
      stranger.close()
    }
  })

  it("no Python and no engine", async () => {
    const root = temporaryFolder()
    mkdirSync(join(root, "bin"))
    symlinkSync(process.execPath, join(root, "bin/node"))
    const config = `name: MiniLM\ntask: embed\nsource:\n  path: ${root}\nbackends:\n  sentence-transformers: {}\nscenarios:\n  - kind: batch\n    prompts: documents-en\n    documents: 8\n    batchSize: 8\n`
    const env = { PATH: join(root, "bin"), RIGBOOK_CACHE: join(root, "cache") }
    assert.match(await refused({ config }, env), /config.yaml:6:3: backends.sentence-transformers: .*rigbook setup/)
    const setup = await rigbook(root, ["setup", "sentence-transformers"], env)
    assert.strictEqual(setup.exitCode, 2)
    assert.match(setup.stderr, /Python 3\.11/)
  })

  it("a scenario of the other task, and a prompt set that is not there", async () => {
    const config = `${model}backends:\n  llamacpp: {}\nscenarios:\n  - kind: batch\n    prompts: documents-en\n    documents: 8\n    batchSize: 8\n  - kind: latency\n    prompts: nowhere\n`
    const stderr = await refused({ config })
    assert.include(
      stderr,
      `config.yaml:${placeOf(config, "batch\n")}: scenarios[0].kind: a batch scenario needs task embed`,
    )
    assert.include(
      stderr,
      `config.yaml:${placeOf(config, "nowhere")}: scenarios[1].prompts: this prompt set does not exist`,
    )
  })

  it("YAML that is none", async () => {
    assert.match(await refused({ config: "name: [\nx: : y\n" }), /config.yaml:\d+:\d+: /)
  })
})

describe("rigbook refuses", () => {
  it("an unknown config, suggesting the right one", async () => {
    const root = writeWorkspace(temporaryFolder(), { "models/configs/smollm2.yaml": "" })
    const { exitCode, stderr } = await rigbook(root, ["run", "smolm2"])
    assert.strictEqual(exitCode, 2)
    assert.include(stderr, `Unknown config "smolm2"; did you mean "smollm2"?`)
  })

  it("to run outside of a workspace", async () => {
    const { exitCode, stderr } = await rigbook(temporaryFolder(), ["run"])
    assert.strictEqual(exitCode, 2)
    assert.include(stderr, "rigbook init")
  })

  it("flags and commands it does not know", async () => {
    for (const args of [["run", "--frsh"], ["rn"], ["show"], ["report", "x", "--format", "pdf"]]) {
      const { exitCode, stderr } = await rigbook(temporaryFolder(), args)
      assert.strictEqual(exitCode, 2, args.join(" "))
      assert.notStrictEqual(stderr.trim(), "")
    }
  })
})
