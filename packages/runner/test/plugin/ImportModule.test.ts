import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { join } from "node:path"
import { put } from "../../../records/test/fakes/workspace.ts"
import { ImportLimit, importModule } from "../../src/plugin/ImportModule.ts"
import { loadedPlugins, noteLoaded, pluginInStack } from "../../src/plugin/LoadedPlugins.ts"
import { reasonOf } from "../../src/plugin/PluginThrew.ts"

/** Imports a module with this text. */
const imported = Effect.fnUntraced(function* (text: string) {
  const fs = yield* FileSystem.FileSystem
  const path = join(yield* fs.makeTempDirectoryScoped({ prefix: "rigbook-test-" }), "index.mjs")
  yield* put(path, text)
  return yield* importModule(path)
})

layer(NodeServices.layer, { excludeTestServices: true })("importModule", (it) => {
  it.effect("gives what a module exports, also after a top-level await, and of CommonJS", () =>
    Effect.gen(function* () {
      assert.deepInclude(yield* imported("export const a = 1"), { a: 1 })
      assert.deepInclude(yield* imported("export const a = await Promise.resolve(1)"), { a: 1 })
      const fs = yield* FileSystem.FileSystem
      const path = join(yield* fs.makeTempDirectoryScoped({ prefix: "rigbook-test-" }), "index.cjs")
      yield* put(path, "module.exports.a = 1")
      assert.deepInclude(yield* importModule(path), { a: 1, default: { a: 1 } })
    }),
  )

  it.effect("ends a module that loops, before and after an await", () =>
    Effect.gen(function* () {
      for (const text of ["while (true) {}", "await 0; while (true) {}"]) {
        const error = yield* imported(text).pipe(Effect.provideService(ImportLimit, 300), Effect.flip)
        assert.strictEqual(reasonOf(error), "it did not end within 0.3 s", text)
      }
      assert.deepInclude(yield* imported("export const a = 1"), { a: 1 })
    }),
  )

  it.effect("fails for one that ends its thread, waits for nothing, or throws anything", () =>
    Effect.gen(function* () {
      for (const [text, said] of [
        ["await 0; process.exit(0)", /^it calls process\.exit, or nothing is left/],
        ["await new Promise(() => {})", /^it calls process\.exit, or nothing is left/],
        ["await 0; throw new Error('on purpose')", /^on purpose$/],
        ["throw new Error('on purpose.\\nmore')", /^on purpose$/],
        ["throw undefined", /^undefined$/],
        ["throw Object.create(null)", /^something that has no text$/],
        ["import './gone.mjs'", /^Cannot find module/],
      ] as const)
        assert.match(reasonOf(yield* Effect.flip(imported(text))), said, text)
    }),
  )

  it.effect("what plugins do later is traced back by its stack", () =>
    Effect.sync(() => {
      noteLoaded({ folder: "/a b/one", name: "one" })
      noteLoaded({ folder: "/a b/one/node_modules/two", name: "two" })
      assert.includeMembers([...loadedPlugins()], ["one", "two"])
      for (const [frame, name] of [
        ["Error: x\n    at f (file:///a%20b/one/x.js:1:2)", "one"],
        ["Error: x\n    at file:///a%20b/one/node_modules/two/x.js:1:2\n    at file:///a%20b/one/x.js:1:2", "two"],
        ["Error: x\n    at Object.<anonymous> (/a b/one/x.cjs:1:2)", "one"],
        ["Error: x\n    at f (file:///a%20b/one-more/x.js:1:2)", undefined],
        [undefined, undefined],
      ] as const)
        assert.strictEqual(pluginInStack(frame), name)
    }),
  )
})
