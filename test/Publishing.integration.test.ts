import { assert, beforeAll, afterAll, describe, it } from "vitest"
import { mkdtempSync, readdirSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { installedSize, type Size } from "./publishing/InstalledSize.ts"
import { type LoopbackRegistry, startRegistry } from "./publishing/LoopbackRegistry.ts"
import { publishAgain } from "./publishing/NextRelease.ts"
import { copyRepository, pnpm, type Published, ran, release, useRegistry } from "./publishing/Release.ts"

const top = realpathSync(mkdtempSync(join(tmpdir(), "rigbook-publishing-")))
const folder = (name: string): string => join(top, name)

let registry: LoopbackRegistry
let published: Published
/** Of the first installation, before anything is added to it. */
let program: Size

/** An empty folder that installs from the registry on loopback. */
const emptyFolder = (name: string): string => {
  useRegistry(folder(name), registry)
  return folder(name)
}

/** Runs the installed program. That `npx` and `pnpm exec` find it is seen once each: they take longer than it does. */
const rigbook = (rig: string, ...args: ReadonlyArray<string>): Promise<string> =>
  ran(rig, join(rig, "node_modules/.bin/rigbook"), args)

/** Adds packages by yarn 1, which installs no peers by itself. It keeps what it fetched in a folder of this test. */
const yarn = (rig: string, packages: ReadonlyArray<string>): Promise<string> =>
  ran(rig, "npx", ["-y", "yarn@1", "add", "--cache-folder", folder("yarn-cache"), ...packages])

/** Bun, installed here alone: its program is 100 MB. */
const bun = async (): Promise<string> => {
  const tools = emptyFolder("bun")
  await ran(tools, "npm", ["install", "bun@1"])
  return join(tools, "node_modules/.bin/bun")
}

const json = async <A>(text: Promise<string>): Promise<A> => JSON.parse(await text) as A

interface Listed {
  readonly plugins: ReadonlyArray<{ readonly name: string; readonly version: string; readonly problems: Array<string> }>
}

interface Cell {
  readonly status: string
  readonly values: Readonly<Record<string, { readonly median?: number }>>
}

/** What is checked is whether it runs, not how fast: a few trials of a few prompts on one core will do. */
const shorten = (rig: string): void => {
  const file = join(rig, "models/configs/smollm2-135m-instruct.yaml")
  const config = readFileSync(file, "utf8").replace("context: 2048", "context: 2048\n    threads: 1")
  writeFileSync(file, `${config}protocol: { warmup: 1, trials: 2 }\n`)
  const prompts = join(rig, "benchmarks/configs/prompts/short-chat.jsonl")
  // The first line is about the set.
  writeFileSync(prompts, readFileSync(prompts, "utf8").split("\n").slice(0, 4).join("\n"))
}

beforeAll(async () => {
  registry = await startRegistry(top)
  await copyRepository(folder("copy"))
  renameSync(join(emptyFolder("settings"), ".npmrc"), folder("release.npmrc"))
  published = await release(folder("copy"), registry)
})

afterAll(async () => {
  await registry?.stop()
  rmSync(top, { recursive: true, force: true, maxRetries: 5 })
})

const WORDS = `name: Words
task: generate
source:
  synthetic:
    { format: gguf, architecture: llama, layers: 1, hiddenSize: 64, feedForward: 128, heads: 2, vocabulary: 512,
      contextLength: 2048, quantization: F16 }
backends: { words: { pace: 2 } }
scenarios: [{ kind: latency, prompts: short-chat, requests: 1, outputTokens: 8 }]
protocol: { warmup: 0, trials: 3 }
`

describe("from the changesets to a registry, and from there to an empty folder", () => {
  it("every package is published, in one version, with what its manifest names", async () => {
    assert.strictEqual(published.size, readdirSync(join(import.meta.dirname, "../packages")).length)
    assert.strictEqual(new Set(published.values()).size, 1)
    const own = JSON.parse(readFileSync(join(import.meta.dirname, "../packages/core/package.json"), "utf8")) as {
      readonly version: string
    }
    for (const [name, version] of published) {
      const answer = await fetch(`${registry.url}/${encodeURIComponent(name)}/${version}`)
      assert.isTrue(answer.ok, `${name} ${version}: HTTP ${answer.status}`)
      const manifest = (await answer.json()) as Record<string, unknown>
      assert.strictEqual(manifest["version"], version)
      assert.notStrictEqual(version, own.version)
      // What stood for this workspace, or for one version of all packages, has to be a range by now.
      assert.notMatch(JSON.stringify([manifest["dependencies"], manifest["peerDependencies"]]), /workspace:|catalog:/)
    }
  })

  it("npm installs the program and a backend; init and run measure a real model", async () => {
    const rig = emptyFolder("rig")
    program = await installedSize(rig, registry, ["rigbook", "@rigbook/backend-llamacpp"])
    const made = await ran(rig, "npx", ["rigbook", "init"])
    assert.include(made, "models/configs/smollm2-135m-instruct.yaml")
    assert.include(made, "left out, because its backend is not installed: models/configs/all-minilm-l6-v2.yaml")
    assert.include(made, "Next: npx rigbook setup && npx rigbook run")
    assert.include(await rigbook(rig, "--version"), published.get("rigbook")!)
    shorten(rig)
    const cells = await json<ReadonlyArray<Cell>>(rigbook(rig, "run", "--setup", "--filter", "short-chat", "--json"))
    assert.deepStrictEqual(
      cells.map(({ status }) => status),
      ["measured"],
    )
    assert.isAbove(cells[0]!.values["decode_tps_user"]!.median!, 0)
    assert.include(readFileSync(join(rig, "models/REGISTRY.md"), "utf8"), "SmolLM2 135M Instruct")
    // The plot of a report is drawn by a library that is bundled.
    assert.match(await rigbook(rig, "report", "smollm2", "--json"), /telemetry\.svg/)
  })

  it("a plugin is made, tested, published there, installed, listed, run and verified", async () => {
    const rig = folder("rig")
    const shop = emptyFolder("shop")
    await rigbook(rig, "plugin", "new", "rigbook-words", "--json")
    renameSync(join(rig, "rigbook-words"), join(shop, "rigbook-words"))
    const plugin = join(shop, "rigbook-words")
    useRegistry(plugin, registry)
    await ran(plugin, "npm", ["install"])
    await ran(plugin, "npm", ["run", "typecheck"])
    await ran(plugin, "npm", ["run", "build"])
    await ran(plugin, "npm", ["test"])
    assert.match(await ran(plugin, "npm", ["run", "check"]), /^\d{2,} passed, 0 failed/m)
    await ran(plugin, "npm", ["publish"])

    await ran(rig, "npm", ["install", "rigbook-words"])
    const { plugins } = await json<Listed>(rigbook(rig, "plugin", "list", "--json"))
    assert.sameDeepMembers(
      plugins.map(({ name, problems, version }) => ({ name, version, problems })),
      [
        { name: "@rigbook/backend-llamacpp", version: published.get("@rigbook/backend-llamacpp")!, problems: [] },
        { name: "rigbook-words", version: "0.1.0", problems: [] },
      ],
    )
    writeFileSync(join(rig, "models/configs/words.yaml"), WORDS)
    const [cell] = await json<ReadonlyArray<Cell>>(rigbook(rig, "run", "words", "--json"))
    // Timers may be a little early: it is the order of size that proves that our clock ran.
    assert.isAbove(cell!.values["tpot"]!.median!, 1.5)
    assert.include(await rigbook(rig, "verify"), "every figure agrees with the samples")
  })

  it("a plugin that was built when core was one package is pointed to the door that has what it misses", async () => {
    const rig = folder("rig")
    const old = emptyFolder("rigbook-old")
    writeFileSync(
      join(old, "package.json"),
      JSON.stringify({
        name: "rigbook-old",
        version: "0.1.0",
        type: "module",
        peerDependencies: { "@rigbook/core": ">=0.1.0" },
        rigbook: { contract: 1, backends: [{ id: "old", description: "Starts an engine", export: "./index.js#old" }] },
      }),
    )
    writeFileSync(
      join(old, "index.js"),
      'import { readRecord, makeBackend } from "@rigbook/core"\nexport const old = makeBackend({ id: "old", readRecord })\n',
    )
    await ran(old, "npm", ["publish"])
    await ran(rig, "npm", ["install", "rigbook-old"])
    writeFileSync(join(rig, "models/configs/old.yaml"), WORDS.replace("words: { pace: 2 }", "old: {}"))
    const said = await rigbook(rig, "plan", "old").catch((error: unknown) => String(error))
    assert.include(said, "readRecord is now in @rigbook/records")
    assert.notMatch(said, /^\s+at /m)
    rmSync(join(rig, "models/configs/old.yaml"))
    await ran(rig, "npm", ["uninstall", "rigbook-old"])
  })

  it("pnpm installs the same, and it runs", async () => {
    const rig = emptyFolder("pnpm-rig")
    writeFileSync(join(rig, "package.json"), '{ "private": true }\n')
    // What has just been published is to be installed. Nothing has an install script: pnpm would end with an error.
    writeFileSync(join(rig, "pnpm-workspace.yaml"), "minimumReleaseAge: 0\n")
    await pnpm(rig, ["add", "rigbook", "@rigbook/backend-llamacpp", "rigbook-words"])
    assert.include(
      await pnpm(rig, ["exec", "rigbook", "init"]),
      "Next: pnpm exec rigbook setup && pnpm exec rigbook run",
    )
    shorten(rig)
    const { plugins } = await json<Listed>(rigbook(rig, "plugin", "list", "--json"))
    assert.sameDeepMembers(
      plugins.map(({ name, problems }) => ({ name, problems })),
      [
        { name: "@rigbook/backend-llamacpp", problems: [] },
        { name: "rigbook-words", problems: [] },
      ],
    )
    writeFileSync(join(rig, "models/configs/words.yaml"), WORDS)
    const cells = await json<ReadonlyArray<Cell>>(rigbook(rig, "run", "--setup", "--filter", "short-chat", "--json"))
    assert.deepStrictEqual(
      cells.map(({ status }) => status),
      ["measured", "measured"],
    )
  })

  it("yarn installs the same, and all of it can be used", async () => {
    const rig = emptyFolder("yarn-rig")
    writeFileSync(join(rig, "package.json"), '{ "private": true }\n')
    await yarn(rig, ["rigbook", "@rigbook/backend-llamacpp", "rigbook-words"])
    assert.include(await ran(rig, "npx", ["-y", "yarn@1", "rigbook", "--help"]), "yarn rigbook doctor")
    const { plugins } = await json<Listed>(rigbook(rig, "plugin", "list", "--json"))
    assert.sameDeepMembers(
      plugins.map(({ name, problems }) => ({ name, problems })),
      [
        { name: "@rigbook/backend-llamacpp", problems: [] },
        { name: "rigbook-words", problems: [] },
      ],
    )
  })

  it("bun installs the same; bunx creates a workspace and measures in it", async () => {
    const rig = emptyFolder("bun-rig")
    writeFileSync(join(rig, "package.json"), '{ "private": true }\n')
    const program = await bun()
    const env = { BUN_INSTALL_CACHE_DIR: folder("bun-cache") }
    await ran(rig, program, ["add", "rigbook", "@rigbook/backend-llamacpp", "rigbook-words"], env)
    const bunx = (...args: ReadonlyArray<string>) => ran(rig, program, ["x", "rigbook", ...args], env)
    assert.include(await bunx("--help"), "bunx rigbook doctor")
    assert.include(await bunx("init"), "Next: bunx rigbook setup && bunx rigbook run")
    const { plugins } = await json<Listed>(bunx("plugin", "list", "--json"))
    assert.sameDeepMembers(
      plugins.map(({ name, problems }) => ({ name, problems })),
      [
        { name: "@rigbook/backend-llamacpp", problems: [] },
        { name: "rigbook-words", problems: [] },
      ],
    )
    writeFileSync(join(rig, "models/configs/words.yaml"), WORDS)
    const [cell] = await json<ReadonlyArray<Cell>>(bunx("run", "words", "--json"))
    assert.strictEqual(cell!.status, "measured")
  })

  it("a plugin of this release works with the next minor; of another contract it is named with what to do", async () => {
    const rig = folder("rig")
    const [major = 0, minor = 0] = published.get("rigbook")!.split(".").map(Number)
    const next = `${major}.${minor + 1}.0`
    await publishAgain(rig, folder("next"), registry, next)
    const ours = [`rigbook@${next}`, `@rigbook/backend-llamacpp@${next}`]
    await ran(rig, "npm", ["install", ...ours])
    await pnpm(folder("pnpm-rig"), ["add", ...ours])
    await yarn(folder("yarn-rig"), ours)
    for (const each of [rig, folder("pnpm-rig"), folder("yarn-rig")]) {
      assert.include(await rigbook(each, "--version"), next)
      const { plugins } = await json<Listed>(rigbook(each, "plugin", "list", "--json"))
      assert.sameDeepMembers(
        plugins.map(({ name, problems, version }) => ({ name, version, problems })),
        [
          { name: "@rigbook/backend-llamacpp", version: next, problems: [] },
          { name: "rigbook-words", version: "0.1.0", problems: [] },
        ],
      )
    }
    const [cell] = await json<ReadonlyArray<Cell>>(rigbook(rig, "run", "words", "--fresh", "--json"))
    assert.strictEqual(cell!.status, "measured")

    const contract = `${major}.${minor + 1}.1`
    const file = (text: string) => text.replace(/\b(CONTRACT|OLDEST_CONTRACT) = \d/g, "$1 = 3")
    await publishAgain(rig, folder("contract"), registry, contract, { only: "@rigbook/core", file })
    await ran(rig, "npm", ["install", `@rigbook/core@${contract}`])
    const listed = await rigbook(rig, "plugin", "list").catch((error: unknown) => String(error))
    assert.match(
      listed,
      /Plugin rigbook-words: 0\.1\.0 is written for contract 2 of .* has contract 3\. Install a newer version of the plugin\./,
    )
  })
})

describe("what an installation brings", () => {
  const tell = (what: string, { bytes, effectBytes, packages, transferred }: Size): void =>
    console.log(
      [
        `${what}: ${packages} packages, ${mb(bytes)} MB on disk, ${mb(transferred)} MB fetched`,
        `  of it effect: ${mb(effectBytes)} MB on disk; all else: ${mb(bytes - effectBytes)} MB`,
      ].join("\n"),
    )
  const mb = (bytes: number): string => (bytes / 1e6).toFixed(1)

  it("core and a backend: at most 4 packages; 30 MB are fetched, and lie on disk beside effect", async () => {
    const size = await installedSize(emptyFolder("core"), registry, ["@rigbook/core", "@rigbook/backend-llamacpp"])
    tell("core and one backend", size)
    assert.isAtMost(size.packages, 4)
    assert.isAtMost(size.transferred, 30e6)
    assert.isAtMost(size.bytes - size.effectBytes, 30e6)
  })

  it("the program: at most 10 packages; with a backend: the same bounds of bytes", async () => {
    tell("the program and one backend", program)
    const alone = await installedSize(emptyFolder("alone"), registry, ["rigbook"])
    tell("the program", alone)
    assert.isAtMost(alone.packages, 10)
    assert.isAtMost(program.packages, 11)
    assert.isAtMost(program.transferred, 30e6)
    assert.isAtMost(program.bytes - program.effectBytes, 30e6)
  })
})
