import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, Exit, FileSystem } from "effect"
import { join } from "node:path"
import { writeAtomically } from "../../src/workspace/WriteAtomically.ts"
import { put } from "../fakes/workspace.ts"

/** More than is written at once, and no multiple of it: two bytes a character, after one. */
const MANY = `a${"é".repeat(2 ** 20)}`

layer(NodeServices.layer)("writeAtomically", (it) => {
  it.effect("replaces the whole file and leaves nothing beside it", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const folder = yield* fs.makeTempDirectoryScoped()
      for (const text of ["a long first text", "short"]) {
        yield* writeAtomically(join(folder, "file"), text)
        assert.strictEqual(yield* fs.readFileString(join(folder, "file")), text)
      }
      assert.deepStrictEqual(yield* fs.readDirectory(folder), ["file"])
    }),
  )

  it.effect("leaves the old file and no part of the new one when it fails", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const folder = yield* fs.makeTempDirectoryScoped()
      yield* put(join(folder, "taken", "inside"), "old") // a folder can't be replaced by a file
      assert.isTrue(Exit.isFailure(yield* Effect.exit(writeAtomically(join(folder, "taken"), "new"))))
      assert.deepStrictEqual(yield* fs.readDirectory(folder), ["taken"])
      assert.strictEqual(yield* fs.readFileString(join(folder, "taken", "inside")), "old")
      assert.isTrue(Exit.isFailure(yield* Effect.exit(writeAtomically(join(folder, "absent", "file"), "new"))))
    }),
  )

  it.effect("writes a text in parts as the whole, whatever the parts", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const folder = yield* fs.makeTempDirectoryScoped()
      const path = join(folder, "file")
      for (const parts of [[], [""], ["one ", "", "≥ two\n"], [MANY], ["a", MANY, "−", MANY, "😀".repeat(2 ** 19)]]) {
        yield* writeAtomically(path, parts)
        assert.isTrue((yield* fs.readFileString(path)) === parts.join(""), `${parts.length} parts`)
      }
    }),
  )

  it.effect("leaves the old file where a part can't be made", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const folder = yield* fs.makeTempDirectoryScoped()
      const path = join(folder, "file")
      yield* writeAtomically(path, "old")
      function* parts() {
        yield* [MANY, MANY]
        throw new RangeError("A figure is NaN, which is none")
      }
      assert.isTrue(Exit.isFailure(yield* Effect.exit(writeAtomically(path, parts()))))
      assert.deepStrictEqual(yield* fs.readDirectory(folder), ["file"])
      assert.strictEqual(yield* fs.readFileString(path), "old")
    }),
  )
})
