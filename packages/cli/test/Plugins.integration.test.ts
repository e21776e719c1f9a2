import { assert, beforeAll, describe, it } from "vitest"
import { execa } from "execa"
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { delimiter, dirname, join } from "node:path"
import { rigbook, temporaryFolder, writeWorkspace } from "./TemporaryWorkspace.ts"

const ROOT = join(import.meta.dirname, "../../..")

/** Puts what plugins need next to a workspace, as an installation would: the packages of this checkout. */
const install = (root: string): void => {
  const link = (name: string, to: string) => {
    const path = join(root, "node_modules", name)
    mkdirSync(dirname(path), { recursive: true })
    symlinkSync(to, path)
  }
  for (const name of [
    "@rigbook/core",
    "@rigbook/records",
    "@rigbook/runner",
    "@rigbook/testkit",
    "@effect/platform-node",
    "effect",
    "vitest",
    "@types/node",
  ])
    link(name, join(ROOT, "node_modules", name))
  link("rigbook", join(ROOT, "packages/cli"))
}

/** Writes a package into a workspace's node_modules. */
const put = (root: string, name: string, manifest: object, module = ""): string => {
  const folder = join(root, "node_modules", name)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name, version: "1.0.0", type: "module", ...manifest }))
  writeFileSync(join(folder, "index.js"), module)
  return folder
}

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

describe("plugins made with `rigbook plugin new`", () => {
  const root = temporaryFolder()
  const workspace = (plugins: ReadonlyArray<string>, more = "") =>
    writeFileSync(join(root, "rigbook.yaml"), `rigbook: 1\nplugins: [${plugins.join(", ")}]\n${more}`)
  const ALL = [
    "./rigbook-words",
    "./rigbook-metric-hiccup",
    "./rigbook-lines",
    "./rigbook-jobs",
    "./rigbook-smi",
    "./rigbook-crowd",
    "strict-rules",
  ]

  beforeAll(async () => {
    writeWorkspace(root, { "models/configs/words.yaml": WORDS })
    install(root)
    cpSync(
      join(ROOT, "models/rating.yaml"),
      join(
        put(root, "strict-rules", {
          rigbook: {
            contract: 1,
            ratingRules: [{ id: "strict", description: "the same, under a name", file: "./rules.yaml" }],
          },
        }),
        "rules.yaml",
      ),
    )
    for (const [name, kind] of [
      ["rigbook-words", "backend"],
      ["rigbook-metric-hiccup", "metric"],
      ["rigbook-lines", "reporter"],
      ["rigbook-jobs", "launcher"],
      ["rigbook-smi", "vendor"],
      ["rigbook-crowd", "scenario"],
    ] as const) {
      const made = await rigbook(root, ["plugin", "new", name, "--kind", kind])
      assert.strictEqual(made.exitCode, 0, made.stderr)
      const again = await rigbook(root, ["plugin", "new", name, "--kind", kind])
      assert.strictEqual(again.exitCode, 2)
      for (const project of kind === "scenario" ? [] : ["tsconfig.json", "tsconfig.build.json"])
        await execa(join(ROOT, "node_modules/.bin/tsc"), ["-p", project], { cwd: join(root, name), all: true })
    }
    workspace(ALL, "reporters: [lines]\nrating: strict\n")
  })

  it("type-check whatever they are called", async () => {
    const odd = [
      ["@me/rigbook-server", "server"],
      ["make", "backend"],
      ["typeof.2", "worker"],
      ["my-package", "vendor"],
      ["constructor", "metric"],
    ] as const
    for (const [name, kind] of odd) {
      const made = await rigbook(root, ["plugin", "new", name, "--kind", kind])
      assert.strictEqual(made.exitCode, 0, made.stderr)
    }
    const folders = odd.map(([name]) => name.split("/").at(-1)!)
    const settings = {
      extends: "./make/tsconfig.json",
      include: folders.flatMap((one) => [`${one}/src`, `${one}/test`]),
    }
    writeFileSync(join(root, "odd.json"), JSON.stringify(settings))
    const checked = await execa(join(ROOT, "node_modules/.bin/tsc"), ["-p", "odd.json"], { cwd: root, reject: false })
    assert.strictEqual(checked.stdout, "")
    assert.strictEqual(checked.exitCode, 0)
  })

  it.each([
    "./rigbook-words",
    "./rigbook-metric-hiccup",
    "rigbook-lines",
    "rigbook-jobs",
    "rigbook-smi",
    "rigbook-crowd",
    "strict-rules",
  ])("%s passes its suite", async (name) => {
    const { exitCode, stderr, stdout } = await rigbook(root, ["plugin", "check", name])
    assert.strictEqual(exitCode, 0, stdout + stderr)
    assert.match(stdout, /^[1-9]\d* passed, 0 failed/m)
  })

  it("are listed with where they come from, and take part in run, registry, report and verify", async () => {
    const listed = await rigbook(root, ["plugin", "list", "--json"])
    assert.strictEqual(listed.exitCode, 0, listed.stdout)
    const { plugins } = JSON.parse(listed.stdout) as {
      plugins: Array<{ name: string; origin: string; brings: Array<object> }>
    }
    assert.deepStrictEqual(
      plugins.filter(({ origin }) => origin === "named").map(({ name }) => name),
      [
        "rigbook-words",
        "rigbook-metric-hiccup",
        "rigbook-lines",
        "rigbook-jobs",
        "rigbook-smi",
        "rigbook-crowd",
        "strict-rules",
      ],
    )
    const run = await rigbook(root, ["run", "--json"])
    assert.strictEqual(run.exitCode, 0, run.stderr)
    const [record] = JSON.parse(run.stdout) as Array<{ record: string; values: Record<string, { median?: number }> }>
    assert.isAbove(record!.values["hiccup"]!.median!, 1)
    assert.include(readFileSync(join(root, "models/registry.lines.tsv"), "utf8"), "\twords\t")
    const report = await rigbook(root, ["report", record!.record, "--format", "lines"])
    assert.include(readFileSync(join(root, report.stdout), "utf8"), record!.record)
    assert.strictEqual((await rigbook(root, ["report", record!.record, "--format", "pdf"])).exitCode, 2)
    assert.strictEqual((await rigbook(root, ["registry", "--check"])).exitCode, 0)
    const verified = await rigbook(root, ["verify"])
    assert.strictEqual(verified.exitCode, 0, verified.stdout)
  })

  it("a vendor's GPUs are devices of this machine, and a set of scenarios is what a config names", async () => {
    const tool = join(root, "tools/smi-smi")
    mkdirSync(dirname(tool))
    writeFileSync(tool, '#!/bin/sh\necho "0, MY-0001, My GPU, 16384, 512, 41"\n', { mode: 0o755 })
    const path = `${dirname(tool)}${delimiter}${process.env["PATH"]}`
    const doctor = await rigbook(root, ["doctor", "--json"], { PATH: path })
    const { host } = JSON.parse(doctor.stdout) as { host: { devices: Array<Record<string, unknown>> } }
    assert.deepInclude(host.devices.at(-1), { id: "MY-0001", kind: "gpu", vendor: "smi" })
    const crowd = join(root, "models/configs/crowd.yaml")
    writeFileSync(crowd, WORDS.replace(/scenarios: .*/, "scenarios: crowd"))
    const planned = await rigbook(root, ["plan", "crowd", "--json"], { PATH: path })
    assert.strictEqual(planned.exitCode, 0, planned.stdout + planned.stderr)
    // Three numbers of streams and two rates: those of the starter's own file.
    assert.lengthOf((JSON.parse(planned.stdout) as { cells: ReadonlyArray<object> }).cells, 5)
    rmSync(crowd)
  })

  it("a metric is given options by rigbook.yaml, and its values keep them", async () => {
    const module = `import { measured, metricWithOptions } from "@rigbook/core"
import { Effect, Schema } from "effect"
const Options = Schema.Struct({ most: Schema.Finite.pipe(Schema.withDecodingDefaultKey(Effect.succeed(5))) })
export default metricWithOptions(Options, ({ most }) => ({ id: "limit", title: "Limit", definition: \`at most \${most}\`, unit: "ms",
  better: "lower", tasks: ["generate"], measure: () => measured(most) }))`
    const metrics = [{ id: "limit", description: "for a test", export: "./index.js" }]
    put(root, "limits", { rigbook: { contract: 2, metrics } }, module)
    const given = (options: string) => workspace(ALL, `reporters: [lines]\nrating: strict\nmetrics: ${options}\n`)
    for (const [options, said] of [
      [
        "{ limits: {} }",
        'rigbook.yaml: metrics: no plugin provides a metric named "limits"; available: hiccup, limit.',
      ],
      ["{ hiccup: { most: 7 } }", "rigbook.yaml: metrics.hiccup: this metric has no options."],
      ["{ limit: { most: many } }", "rigbook.yaml: metrics.limit: Expected number"],
    ] as const) {
      given(options)
      const { exitCode, stderr } = await rigbook(root, ["derive"])
      assert.strictEqual(exitCode, 2)
      assert.include(stderr, said)
    }
    given("{ limit: { most: 7 } }")
    const derived = await rigbook(root, ["derive"])
    assert.strictEqual(derived.exitCode, 0, derived.stderr)
    const raw = join(root, "benchmarks/results/raw")
    const record = readFileSync(join(raw, readdirSync(raw)[0]!, "record.json"), "utf8")
    const { values } = JSON.parse(record) as { values: Array<Record<string, unknown>> }
    assert.deepInclude(values.at(-1), { metric: "limit", definition: "at most 7", options: { most: 7 } })
    workspace(ALL, "reporters: [lines]\nrating: strict\n")
    assert.strictEqual((await rigbook(root, ["verify"])).exitCode, 0)
    rmSync(join(root, "node_modules/limits"), { recursive: true })
  })

  it("a metric that has gone is said to be a plugin's, and one that came later is no finding", async () => {
    workspace(
      ALL.filter((name) => !name.includes("hiccup")),
      "reporters: [lines]\nrating: strict\n",
    )
    const without = await rigbook(root, ["verify"])
    assert.strictEqual(without.exitCode, 0, without.stdout)
    assert.match(without.stdout, /not checked: hiccup of .* belongs to a plugin that is not installed/)
    const fresh = await rigbook(root, ["run", "--fresh"])
    assert.strictEqual(fresh.exitCode, 0, fresh.stderr)
    workspace(ALL, "reporters: [lines]\nrating: strict\n")
    const later = await rigbook(root, ["verify"])
    assert.strictEqual(later.exitCode, 0, later.stdout)
  })

  it("names in rigbook.yaml that nobody brings are reported, with those that there are", async () => {
    for (const [more, said] of [
      [
        "reporters: [linse]\n",
        'rigbook.yaml: reporters: unknown reporter "linse"; available: markdown, json, csv, html, lines.',
      ],
      ["rating: lax\n", 'rigbook.yaml: rating: no plugin provides rating rules named "lax"; available: strict.'],
    ] as const) {
      workspace(ALL, more)
      const { exitCode, stderr } = await rigbook(root, ["registry"])
      assert.strictEqual(exitCode, 2)
      assert.include(stderr, said)
    }
    workspace(ALL)
  })

  it("a check that can't be made ends with 2, and a case that fails with 1", async () => {
    const none = await rigbook(root, ["plugin", "check", "nobody"])
    assert.strictEqual(none.exitCode, 2)
    assert.include(none.stderr, "nobody is not a package folder, and no plugin of that name is installed.")
    rmSync(join(root, "rigbook-lines/dist"), { recursive: true })
    const unbuilt = await rigbook(root, ["plugin", "check", "rigbook-lines"])
    assert.strictEqual(unbuilt.exitCode, 1)
    assert.include(unbuilt.stdout, "./dist/index.js can't be loaded")
    rmSync(join(root, "node_modules/@rigbook/testkit"))
    const without = await rigbook(root, ["plugin", "check", "rigbook-words"])
    assert.strictEqual(without.exitCode, 2)
    assert.include(without.stderr, "npm install --save-dev @rigbook/testkit vitest")
    assert.notInclude(without.stderr, "    at ")
  })
})

describe("the backends that come with Rigbook", () => {
  const check = (backend: string) => rigbook(temporaryFolder(), ["plugin", "check", `@rigbook/backend-${backend}`])

  it("one passes its suite with the engine of this machine, as an author's does", async () => {
    const { exitCode, stderr, stdout } = await check("llamacpp")
    assert.strictEqual(exitCode, 0, stdout + stderr)
    assert.match(stdout, /^[1-9]\d* passed, 0 failed/m)
  })

  it("one names no check, and is not said to have passed", async () => {
    const { exitCode, stdout } = await check("openai")
    assert.strictEqual(exitCode, 1)
    assert.include(stdout, "The manifest names no check for the backend openai")
  })
})

describe("what is installed and can't be used", () => {
  const root = temporaryFolder()
  const part = (id: string) => [{ id, description: "for a test", export: "./index.js" }]
  beforeAll(() => {
    writeWorkspace(root, {
      "models/configs/words.yaml": WORDS.replace("words: { pace: 2 }", "throws: {}"),
    })
    install(root)
    put(root, "throws", { rigbook: { contract: 1, backends: part("throws") } }, "throw new Error('on purpose')")
    put(root, "future", { rigbook: { contract: 3, engines: [] } })
    put(root, "one", { rigbook: { contract: 1, reporters: part("same") } })
    put(root, "two", { rigbook: { contract: 1, reporters: part("same") } })
  })

  it("is reported in sentences by plugin list, which exits with 1", async () => {
    const { exitCode, stdout } = await rigbook(root, ["plugin", "list"])
    assert.strictEqual(exitCode, 1)
    assert.match(
      stdout,
      /Plugin future: 1\.0\.0 is written for contract 3 of Rigbook's plugins; Rigbook \S+ has contract 2\. Update Rigbook/,
    )
    assert.include(stdout, "Plugin one: it provides the reporter same, and so does two. Uninstall all but one of them.")
  })

  it("is reported at its place in the config by what needs it, without a stack", async () => {
    const { exitCode, stderr } = await rigbook(root, ["plan"])
    assert.strictEqual(exitCode, 2)
    assert.match(
      stderr,
      /words\.yaml:\d+:\d+: backends\.throws: Plugin throws: \.\/index\.js can't be loaded: on purpose\./,
    )
    assert.notInclude(stderr, "    at ")
    // The others do their work.
    const doctor = await rigbook(root, ["doctor", "--json"])
    assert.include(doctor.stdout, "llamacpp")
  })

  it("a folder with a copy of core of its own is reported with what to do, by list and by what needs it", async () => {
    const own = join(root, "own")
    const copy = join(own, "node_modules/@rigbook/core")
    mkdirSync(copy, { recursive: true })
    writeFileSync(join(copy, "package.json"), '{ "name": "@rigbook/core", "version": "0.0.1" }')
    const manifest = { name: "own", version: "1.0.0", rigbook: { contract: 1, backends: part("own") } }
    writeFileSync(join(own, "package.json"), JSON.stringify(manifest))
    writeFileSync(join(root, "rigbook.yaml"), "rigbook: 1\nplugins: [./own]\n")
    writeFileSync(join(root, "models/configs/words.yaml"), WORDS.replace("words: { pace: 2 }", "own: {}"))
    const listed = await rigbook(root, ["plugin", "list"])
    const planned = await rigbook(root, ["plan"])
    assert.deepStrictEqual([listed.exitCode, planned.exitCode], [1, 2])
    for (const said of [listed.stdout, planned.stderr])
      assert.match(said, /Plugin own: it has its own copy of @rigbook\/core.*npm install --install-links own/)
    assert.match(planned.stderr, /words\.yaml:\d+:\d+: backends\.own: /)
    rmSync(own, { recursive: true })
    writeFileSync(join(root, "rigbook.yaml"), "rigbook: 1\n")
    writeFileSync(join(root, "models/configs/words.yaml"), WORDS.replace("words: { pace: 2 }", "throws: {}"))
  })

  it("nothing of a plugin is loaded by help, and what does not need it; list loads what it calls well", async () => {
    const mark = join(root, "loaded")
    const module = `import { writeFileSync } from "node:fs"\nwriteFileSync(${JSON.stringify(mark)}, "")\nexport default {}`
    put(root, "marks", { rigbook: { contract: 1, backends: part("marks"), reporters: part("marks") } }, module)
    for (const args of [["--help"], ["runs"], ["registry"], ["report", "x"], ["plan"]]) await rigbook(root, args)
    assert.isFalse(existsSync(mark))
    const { stdout } = await rigbook(root, ["plugin", "list"])
    assert.isTrue(existsSync(mark))
    assert.include(stdout, 'Plugin marks: ./index.js is not a backend: its "description" is missing')
  })
})

describe("a plugin that misbehaves", () => {
  const root = temporaryFolder()
  const part = (id: string) => [{ id, description: "for a test", export: "./index.js" }]
  const at = (id: string, kind: string, module: string) =>
    put(root, id, { rigbook: { contract: 2, [kind]: part(id) } }, module)

  beforeAll(() => {
    writeWorkspace(root, { "models/configs/words.yaml": WORDS.replace("words: { pace: 2 }", "exits: {}") })
    install(root)
    at("exits", "backends", "process.exit(0)")
    at(
      "prints",
      "metrics",
      `console.log("HELLO"); setInterval(() => {}, 1e6); setTimeout(() => Promise.reject(new Error("later")), 1)
       export default { id: "prints", title: "P", definition: "p", unit: "ms", better: "lower", tasks: ["generate"],
         measure: () => ({ value: 1 }) }`,
    )
    at("waits", "reporters", "await new Promise(() => {})")
    writeFileSync(join(root, "rigbook.yaml"), "rigbook: 1\nreporters: [waits]\n")
  })

  it("is named, and leaves exit code, JSON and the other reports intact", async () => {
    const planned = await rigbook(root, ["plan", "--json"])
    assert.strictEqual(planned.exitCode, 2)
    assert.match(
      (JSON.parse(planned.stdout) as { error: { message: string } }).error.message,
      /words\.yaml:\d+:\d+: backends\.exits: Plugin exits: \.\/index\.js can't be loaded: it calls process\.exit\(\)/,
    )
    const rendered = await rigbook(root, ["registry", "--json"])
    assert.strictEqual(rendered.exitCode, 1)
    assert.include((JSON.parse(rendered.stdout) as { files: ReadonlyArray<string> }).files, "models/REGISTRY.md")
    for (const said of [
      "HELLO",
      "Plugin prints: it left an error behind that nothing handles: later.",
      "Plugin waits: ./index.js can't be loaded: it calls process.exit, or nothing is left",
    ])
      assert.include(rendered.stderr, said)
    assert.notMatch(rendered.stderr, /^\s+at /m)
  })
})
