import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { join } from "node:path"
import { fakeWorkspace } from "../../../records/test/fakes/workspace.ts"
import { IMPORT_FILE, importFile, readImports } from "../../src/imports/ImportStore.ts"
import { verifyImport } from "../../src/imports/VerifyImport.ts"

const SOURCE = join(import.meta.dirname, "recorded/mteb.json")

layer(NodeServices.layer, { excludeTestServices: true })("the store of imports", (it) => {
  it.effect("keeps the file beside what it says, once", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const { imported: folder } = yield* fakeWorkspace()
      const first = yield* importFile(folder, SOURCE, "My model")
      assert.isTrue(first.isNew)
      assert.match(first.imported.id, /^mteb-[0-9a-f]{12}$/)
      const own = join(folder, first.imported.id)
      assert.strictEqual(yield* fs.readFileString(join(own, "source.json")), yield* fs.readFileString(SOURCE))
      assert.deepStrictEqual((yield* readImports(folder)).imported, [first.imported])
      assert.strictEqual(first.imported.model, "My model")
      const second = yield* importFile(folder, SOURCE)
      assert.deepStrictEqual(second, { imported: first.imported, isNew: false })
      assert.strictEqual((yield* importFile(folder, SOURCE, "Its name")).imported.model, "Its name")
    }),
  )

  it.effect("rewrites what an earlier version read otherwise", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const { imported: folder, root } = yield* fakeWorkspace()
      const { imported } = yield* importFile(folder, SOURCE)
      const own = join(folder, imported.id)
      const path = join(own, IMPORT_FILE)
      yield* fs.writeFileString(path, (yield* fs.readFileString(path)).replace("LocalSTS, data", "LocalSTS: data"))
      assert.lengthOf(yield* verifyImport(root, own), 1)
      assert.deepStrictEqual(yield* importFile(folder, SOURCE), { imported, isNew: false })
      assert.deepStrictEqual(yield* verifyImport(root, own), [])
    }),
  )

  it.effect("takes UTF-16 as PowerShell writes it, and keeps its bytes", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const { imported: folder, root } = yield* fakeWorkspace()
      const text = yield* fs.readFileString(SOURCE)
      for (const bytes of [Buffer.from(`\ufeff${text}`, "utf16le"), Buffer.from(`\ufeff${text}`, "utf16le").swap16()]) {
        const path = join(root, "mteb.json")
        yield* fs.writeFile(path, bytes)
        const { imported } = yield* importFile(folder, path)
        assert.deepStrictEqual(imported.results, (yield* importFile(folder, SOURCE)).imported.results)
        assert.deepStrictEqual(yield* verifyImport(root, join(folder, imported.id)), [])
      }
      yield* fs.writeFile(join(root, "latin1.json"), Buffer.from('{"a": "\xfc"}', "latin1"))
      const wrong = yield* Effect.flip(importFile(folder, join(root, "latin1.json")))
      assert.include(wrong.message, "latin1.json: its bytes are not UTF-8")
    }),
  )

  it.effect("says which file is none", () =>
    Effect.gen(function* () {
      const { imported: folder, root } = yield* fakeWorkspace({ "other.json": "{}" })
      const wrong = yield* Effect.flip(importFile(folder, join(root, "other.json")))
      assert.include(wrong.message, "other.json: it is not a result file of")
      const missing = yield* Effect.flip(importFile(folder, join(root, "none.json")))
      assert.include(missing.message, "none.json: this file does not exist")
      assert.deepStrictEqual(yield* readImports(folder), { imported: [], broken: [] })
    }),
  )

  it.effect("is verified against the kept file", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const { imported: folder, root } = yield* fakeWorkspace()
      const own = join(folder, (yield* importFile(folder, SOURCE)).imported.id)
      const verify = verifyImport(root, own)
      const change = (file: string, edit: (text: string) => string) =>
        Effect.flatMap(fs.readFileString(join(own, file)), (text) => fs.writeFileString(join(own, file), edit(text)))
      assert.deepStrictEqual(yield* verify, [])
      yield* change(IMPORT_FILE, (text) => text.replace("0.77114", "0.97114"))
      const [typed] = yield* verify
      assert.include(typed!.detail, "differs from the imported file")
      assert.include(typed!.found, "0.97114")
      assert.isAbove(typed!.line!, 1)
      yield* change("source.json", (text) => text.replaceAll("0.77114", "0.97114"))
      assert.deepInclude((yield* verify)[0], { detail: "the file is not the one that was imported" })
      yield* fs.remove(join(own, "source.json"))
      assert.deepInclude((yield* verify)[0], { detail: "the imported file is missing" })
      yield* change(IMPORT_FILE, () => "{}")
      assert.include((yield* verify)[0]!.detail, "not an import")
      assert.strictEqual((yield* readImports(folder)).broken.length, 1)
    }),
  )
})
