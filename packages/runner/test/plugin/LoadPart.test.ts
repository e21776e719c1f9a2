import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { put } from "../../../records/test/fakes/workspace.ts"
import { findPlugins } from "../../src/plugin/FindPlugins.ts"
import { loadMetric, loadReporter } from "../../src/plugin/LoadPart.ts"
import { pluginBackends } from "../../src/plugin/PluginBackends.ts"
import { partsOf, pluginParts } from "../../src/plugin/PluginParts.ts"
import { manifest } from "./installed.ts"

const METRIC = `{ id: "odd", title: "Odd", definition: "an odd figure", unit: "ms", better: "lower", tasks: ["generate"],
  measure: () => ({ value: 1 }) }`

const backend = (exported: string) => ({ backends: [{ id: "e", description: "an engine", export: exported }] })
const metric = (exported: string, id = "odd") => ({ metrics: [{ id, description: "a metric", export: exported }] })

/** What plugins bring whose packages have these manifests, and this module. */
const installed = Effect.fnUntraced(function* (
  packages: Readonly<Record<string, readonly [rigbook: object, module: string]>>,
) {
  const fs = yield* FileSystem.FileSystem
  const root = yield* fs.makeTempDirectoryScoped({ prefix: "rigbook-test-" })
  yield* Effect.forEach(Object.entries(packages), ([name, [rigbook, module]]) =>
    Effect.andThen(
      put(join(root, "node_modules", name, "package.json"), manifest(name, rigbook)),
      put(join(root, "node_modules", name, "index.mjs"), module),
    ),
  )
  return { root, parts: pluginParts(yield* findPlugins({ root })) }
})

layer(NodeServices.layer)("parts of plugins", (it) => {
  it.effect("are loaded when they are used, and not before", () =>
    Effect.gen(function* () {
      const { parts, root } = yield* installed({
        marks: [
          metric("./index.mjs"),
          `import { writeFileSync } from "node:fs"
           writeFileSync(new URL("loaded", import.meta.url), "")
           export default ${METRIC}`,
        ],
      })
      const mark = join(root, "node_modules/marks/loaded")
      const [part] = partsOf(parts, "metrics")
      assert.isFalse(existsSync(mark))
      const loaded = yield* loadMetric(part!)
      assert.deepStrictEqual(loaded.measure({} as never), { value: 1 })
      assert.isTrue(existsSync(mark))
    }),
  )

  it.effect("say in a sentence why they can't be used", () =>
    Effect.gen(function* () {
      for (const [rigbook, module, said] of [
        [
          backend("./gone.mjs"),
          "",
          /^Plugin odd: \.\/gone\.mjs can't be loaded: Cannot find module .* If it is your own, build it/,
        ],
        [
          backend("./index.mjs"),
          "throw new Error('on purpose')",
          /can't be loaded: on purpose\. If it is your own, build it/,
        ],
        [
          backend("./index.mjs#a"),
          "export const b = {}",
          /exports no backend named a, only b\. Correct the name in its manifest\./,
        ],
        [backend("./index.mjs"), "", /exports no backend named default, only nothing/],
        [backend("./index.mjs"), "export default { id: 'e' }", /is not a backend: its "description" is missing/],
        [
          backend("./index.mjs"),
          "export default { description: '', tasks: [], config: {} }",
          /is not a backend: its "config"/,
        ],
      ] as const) {
        const backends = pluginBackends((yield* installed({ odd: [rigbook, module] })).parts)
        assert.deepStrictEqual(backends.ids, ["e"])
        const error = yield* Effect.flip(backends.get("e"))
        assert.strictEqual(error._tag, "PluginError")
        assert.match(error.message, said)
        assert.isUndefined(yield* backends.get("unheard-of"))
      }
      const { parts } = yield* installed({ odd: [metric("./index.mjs", "even"), `export default ${METRIC}`] })
      const [part] = partsOf(parts, "metrics")
      assert.include((yield* Effect.flip(loadMetric(part!))).message, 'has the id "odd", but its manifest says "even"')
      const speed = `export default { ...${METRIC}, roles: ["compared", "speed"] }`
      const [taking] = partsOf((yield* installed({ odd: [metric("./index.mjs"), speed] })).parts, "metrics")
      assert.include(
        (yield* Effect.flip(loadMetric(taking!))).message,
        'has the role "speed", which is reserved for Rigbook. Give the metric the role "compared", or none.',
      )
    }),
  )

  it.effect("that were built against names which core no longer has get an error that says where these are now", () =>
    Effect.gen(function* () {
      for (const [name, said] of [
        [
          "engineProcess",
          /engineProcess is now in @rigbook\/core\/engine\. Install a newer version of the plugin, or import/,
        ],
        ["neverThere", /neverThere no longer exists\. Install a newer version/],
      ] as const) {
        const { parts, root } = yield* installed({
          old: [backend("./index.mjs"), `import { ${name} } from "@rigbook/core"\nexport default ${name}`],
        })
        // As a plugin finds it: a module without the name.
        const core = join(root, "node_modules/@rigbook/core")
        yield* put(join(core, "package.json"), JSON.stringify({ name: "@rigbook/core", exports: "./index.mjs" }))
        yield* put(join(core, "index.mjs"), "export const makeBackend = () => {}")
        assert.match((yield* Effect.flip(pluginBackends(parts).get("e"))).message, said)
      }
    }),
  )

  it.effect("can't have an id that another plugin or Rigbook itself has", () =>
    Effect.gen(function* () {
      const { parts } = yield* installed({
        one: [backend("./index.mjs"), ""],
        two: [backend("./index.mjs"), ""],
        three: [metric("./index.mjs", "ttft"), ""],
        four: [{ reporters: [{ id: "html", description: "a page", export: "./index.mjs" }] }, ""],
      })
      const backends = pluginBackends(parts)
      assert.deepStrictEqual(backends.ids, ["e"])
      assert.match(
        (yield* Effect.flip(backends.get("e"))).message,
        /it provides the backend e, and so does (one|two)\. Uninstall all but one of them\./,
      )
      const [ttft] = partsOf(parts, "metrics")
      assert.include(
        (yield* Effect.flip(loadMetric(ttft!))).message,
        "a metric named ttft, which is a name of Rigbook's own",
      )
      const [html] = partsOf(parts, "reporters")
      assert.include(
        (yield* Effect.flip(loadReporter(html!))).message,
        "a reporter named html, which is a name of Rigbook's own",
      )
    }),
  )
})
