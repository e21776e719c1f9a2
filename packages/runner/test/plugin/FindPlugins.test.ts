import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { CONTRACT } from "@rigbook/core"
import { Effect, FileSystem } from "effect"
import { join } from "node:path"
import { put } from "../../../records/test/fakes/workspace.ts"
import { findPlugins, type PluginSearch } from "../../src/plugin/FindPlugins.ts"
import { manifest } from "./installed.ts"

/** Writes packages by their folders below a root, and finds the plugins among them. */
const found = Effect.fnUntraced(function* (
  packages: Readonly<Record<string, string>>,
  search: Partial<PluginSearch> = {},
  root = "rig",
) {
  const fs = yield* FileSystem.FileSystem
  const top = yield* fs.realPath(yield* fs.makeTempDirectoryScoped({ prefix: "rigbook-test-" }))
  yield* fs.makeDirectory(join(top, root), { recursive: true })
  yield* Effect.forEach(Object.entries(packages), ([folder, text]) => put(join(top, folder, "package.json"), text))
  const program = search.program === undefined ? {} : { program: join(top, search.program) }
  const plugins = yield* findPlugins({ root: join(top, root), ...search, ...program })
  return plugins.map((plugin) => ({ ...plugin, folder: plugin.folder.replace(`${top}/`, "") }))
})

const problems = (plugins: Effect.Success<ReturnType<typeof found>>): ReadonlyArray<string> =>
  plugins.flatMap((plugin) => ("problem" in plugin ? [plugin.problem.message] : []))

layer(NodeServices.layer)("findPlugins", (it) => {
  it.effect("finds those next to the workspace, above it and beside the program, the nearest first", () =>
    Effect.gen(function* () {
      const plugins = yield* found(
        {
          "rig/node_modules/near": manifest("near"),
          "rig/node_modules/@me/scoped": manifest("@me/scoped"),
          "rig/node_modules/no-plugin": JSON.stringify({ name: "no-plugin", dependencies: { rigbook: "1" } }),
          "node_modules/near": manifest("near", {}, "0.0.1"),
          "node_modules/above": manifest("above"),
          "lib/node_modules/rigbook/node_modules/inner": manifest("inner"),
          "lib/node_modules/beside": manifest("beside"),
        },
        { program: "lib/node_modules/rigbook/dist" },
      )
      const listed = plugins.map(({ folder, name, origin, version }) => [name, version, origin, folder])
      assert.sameDeepMembers(listed, [
        ["near", "1.0.0", "workspace", "rig/node_modules/near"],
        ["@me/scoped", "1.0.0", "workspace", "rig/node_modules/@me/scoped"],
        ["above", "1.0.0", "workspace", "node_modules/above"],
        ["inner", "1.0.0", "program", "lib/node_modules/rigbook/node_modules/inner"],
        ["beside", "1.0.0", "program", "lib/node_modules/beside"],
      ])
    }),
  )

  it.effect("takes those that rigbook.yaml names, by name or by folder, before all others", () =>
    Effect.gen(function* () {
      const plugins = yield* found(
        { "rig/my-plugin": manifest("mine"), "rig/node_modules/mine": manifest("mine", {}, "2.0.0") },
        { named: ["./my-plugin", "nobody", "./nowhere"] },
      )
      assert.deepInclude(plugins[0], { name: "mine", version: "1.0.0", origin: "named", folder: "rig/my-plugin" })
      assert.deepStrictEqual(problems(plugins), [
        "Plugin nobody: rigbook.yaml names it, but no plugin of that name is found. Install it, or remove it from plugins.",
        "Plugin ./nowhere: rigbook.yaml names it, but no plugin of that name is found. Its folder needs a package.json with a rigbook manifest.",
      ])
    }),
  )

  it.effect("says of another contract which side is to be updated", () =>
    Effect.gen(function* () {
      const plugins = yield* found({
        "rig/node_modules/new": manifest("new", { contract: CONTRACT + 1 }),
        "rig/node_modules/whole": manifest("whole"),
      })
      const [problem] = problems(plugins)
      assert.match(
        problem!,
        /^Plugin new: 1\.0\.0 is written for contract 3 of Rigbook's plugins; Rigbook \S+ has contract 2\. Update Rigbook, or install an older version of the plugin\.$/,
      )
      assert.deepStrictEqual(
        plugins.flatMap((plugin) => ("manifest" in plugin ? [plugin.name] : [])),
        ["whole"],
      )
    }),
  )

  it.effect("says where a manifest is broken", () =>
    Effect.gen(function* () {
      const part = { id: "a", description: "b", export: "./dist/index.js#a" }
      for (const [wrong, said] of [
        [{ backend: [] }, /package\.json:6:5: rigbook\.backend: unknown key; did you mean "backends"\?/],
        [{ contract: "one" }, /package\.json:5:17: rigbook\.contract: expected/],
        [
          { backends: [{ ...part, id: "Not An Id" }] },
          /rigbook\.backends\[0\]\.id: expected an id of lower-case letters/,
        ],
        [{ backends: [{ ...part, description: undefined }] }, /rigbook\.backends\[0\]\.description: is missing/],
        [
          { metrics: [{ ...part, export: "../elsewhere.js#a" }] },
          /rigbook\.metrics\[0\]\.export: expected a module of the package/,
        ],
        [
          { metrics: [{ ...part, export: "./a/../../b.js" }] },
          /rigbook\.metrics\[0\]\.export: expected a module of the package/,
        ],
        [{ ratingRules: [{ id: "a", description: "b", file: "/etc/rules.yaml" }] }, /\.file: expected a YAML file/],
      ] as const) {
        const [problem] = problems(yield* found({ "rig/node_modules/odd": manifest("odd", wrong) }))
        assert.match(problem ?? "none", said)
        assert.match(problem!, /^Plugin odd: its manifest is invalid: /)
      }
    }),
  )
})
