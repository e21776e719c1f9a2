import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { SCAFFOLD_KINDS } from "../src/Choices.ts"
import { pluginFiles, pluginNew } from "../src/handlers/PluginNew.ts"
import { freeNames, namesOf, refusedName, renamedFor } from "../src/handlers/PluginNames.ts"

describe("namesOf", () => {
  it.each([
    ["rigbook-backend-echo", "backend", { id: "echo", value: "echoBackend", file: "EchoBackend" }],
    ["@me/slow.token", "metric", { id: "slow_token", value: "slowTokenMetric", file: "SlowTokenMetric" }],
    ["rigbook", "reporter", { id: "rigbook", value: "rigbookReporter", file: "RigbookReporter" }],
    ["rigbook-launcher-jobs", "launcher", { id: "jobs", value: "jobsLauncher", file: "JobsLauncher" }],
    ["rigbook-sage", "worker", { id: "sage", value: "sageBackend", file: "SageBackend" }],
    ["new", "backend", { id: "new", value: "newBackend", file: "NewBackend" }],
    ["rigbook-server", "server", { id: "server", value: "serverBackend", file: "ServerBackend" }],
    ["@2x/q4_k.m-", "backend", { id: "q4-k-m", value: "q4KMBackend", file: "Q4KMBackend" }],
    ["a".repeat(215), "backend", undefined],
    ["Not A Name", "backend", undefined],
    ["../up", "backend", undefined],
    ["@me/../up", "backend", undefined],
    ["4bit", "backend", undefined],
  ] as const)("%s", (name, kind, names) => {
    assert.deepStrictEqual(namesOf(name, kind), names)
  })
})

describe("freeNames", () => {
  const names = { id: "server", value: "serverBackend", file: "ServerBackend" }

  it("gives way to what the sources import", () => {
    const value = (source: string) => freeNames(names, ["", source]).value
    assert.strictEqual(value('import { serverBackend } from "@rigbook/core/engine"'), "ownServerBackend")
    assert.strictEqual(value("const serverBackends = [ServerBackend]"), "serverBackend")
  })
})

describe("refusedName", () => {
  it.each([
    ["effect", "a plugin installs a package of that name itself"],
    ["http", "npm publishes no package of that name"],
    ["node_modules", "npm publishes no package of that name"],
    ["@me/http", undefined],
    ["rigbook-http", undefined],
  ])("%s", (name, refused) => {
    assert.strictEqual(refusedName(name, ["effect", "vitest"]), refused)
  })
})

describe("renamedFor", () => {
  const renamed = (kind: (typeof SCAFFOLD_KINDS)[number], name: string) => renamedFor(kind, name, namesOf(name, kind)!)

  it("renames once, though a name may be a part of another", () => {
    const text = "my-package: my-engine, myEngine, MyEngine"
    assert.strictEqual(
      renamed("server", "@me/my-package")(text),
      "@me/my-package: my-package, myPackageBackend, MyPackageBackend",
    )
    assert.strictEqual(
      renamed("server", "rigbook-my-engine-2")(text),
      "rigbook-my-engine-2: my-engine-2, myEngine2Backend, MyEngine2Backend",
    )
  })

  it("has variables of the environment by the plugin's own name, without what none may have", () => {
    assert.strictEqual(renamed("server", "@me/q4_k.m")("MY_ENGINE_"), "Q4_K_M_")
    assert.strictEqual(
      renamed("vendor", "@me/acme.x2")("MY_VISIBLE_DEVICES my-smi mygpu:0"),
      "ACMEX2_VISIBLE_DEVICES acmex2-smi acmex2:0",
    )
  })

  it("leaves the aliases of others to them", () => {
    for (const taken of ["cpu", "gpu", "cuda", "rocm"])
      assert.strictEqual(renamed("vendor", `rigbook-${taken}`)("mygpu"), `${taken}gpu`)
  })
})

/** Names that were once broken, or could be: those of functions, of the example itself, with digits, dots and a scope. */
const ODD = [
  "rigbook-server",
  "make",
  "@me/rigbook-async",
  "my-package",
  "@my-package/my-engine",
  "q4_k.m",
  "new",
  "typeof.2",
  "constructor",
]

describe("the files of a new plugin", () => {
  it.effect.each(SCAFFOLD_KINDS.flatMap((kind) => ODD.map((name) => ({ kind, name }))))(
    "a $kind called $name exports what its manifest names, once, and nothing of the example's is left",
    ({ kind, name }) =>
      Effect.gen(function* () {
        const names = namesOf(name, kind)!
        const files = new Map(yield* pluginFiles({ kind, name, task: "both" }, names))
        const manifest = JSON.parse(files.get("package.json")!) as { readonly name: string; readonly rigbook: object }
        assert.strictEqual(manifest.name, name)
        const [part] = Object.values(manifest.rigbook).flat().slice(1) as ReadonlyArray<{ id: string; export?: string }>
        assert.strictEqual(part!.id, names.id)
        const value = part!.export?.split("#")[1]
        const index = files.get("src/index.ts")
        assert.strictEqual(index === undefined, value === undefined)
        if (index !== undefined) {
          assert.match(index, new RegExp(`^export const ${value!}\\b`, "m"))
          const imported = [...index.matchAll(/^import \{([^}]+)\}/gm)].flatMap(([, list]) => list!.split(/[\s,]+/))
          assert.notInclude(imported, value)
          assert.include(index, `"${names.id}"`)
        }
        const rest = [...files]
          .flat()
          .join("\n")
          .replaceAll(name, "")
          .replaceAll(names.id, "")
          .replaceAll(names.file, "")
        if (!name.includes("my-"))
          assert.notMatch(
            rest,
            /my[-_](?:package|engine|metric|reporter|launcher|vendor|scenario)|\bMY_(?!GPU)[A-Z]|my-smi|mygpu/,
          )
      }).pipe(Effect.provide(NodeServices.layer)),
  )

  it.effect.each([
    { name: "ttft", kind: "metric", why: "ttft is a metric of Rigbook's own" },
    { name: "rigbook-html", kind: "reporter", why: "html is a reporter of Rigbook's own" },
    { name: "rigbook-local", kind: "launcher", why: "local is a launcher of Rigbook's own" },
    { name: "rigbook-nvidia", kind: "vendor", why: "nvidia is a vendor of Rigbook's own" },
    { name: "vitest", kind: "backend", why: "a plugin installs a package of that name itself" },
  ] as const)("are not written if a $kind is called $name", ({ kind, name, why }) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(pluginNew({ kind, name, task: "generate", json: true }))
      assert.strictEqual(error.message, `"${name}" can't name a plugin: ${why}. Choose another name.`)
    }).pipe(Effect.provide(NodeServices.layer)),
  )
})
