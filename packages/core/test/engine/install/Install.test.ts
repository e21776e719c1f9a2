import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { spawnSync } from "node:child_process"
import { join } from "node:path"
import { installOnce } from "../../../src/engine/install/Install.ts"
import { markText, ownMark } from "../../../src/engine/process/ProcessMark.ts"

const inTemp = <A, E>(
  test: (folder: string, fs: FileSystem.FileSystem) => Effect.Effect<A, E, FileSystem.FileSystem>,
) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    return yield* test(join(yield* fs.makeTempDirectoryScoped(), "a", "b"), fs)
  }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))

const fill =
  (fs: FileSystem.FileSystem, text: string) =>
  (partial: string): Effect.Effect<void> =>
    fs.makeDirectory(partial).pipe(Effect.andThen(fs.writeFileString(join(partial, "file"), text)), Effect.orDie)

describe("installOnce", () => {
  it.effect("fills a folder once", () =>
    inTemp((folder, fs) =>
      Effect.gen(function* () {
        yield* installOnce(folder, fill(fs, "first"))
        yield* installOnce(folder, fill(fs, "second"))
        assert.strictEqual(yield* fs.readFileString(join(folder, "file")), "first")
        assert.deepStrictEqual(yield* fs.readDirectory(join(folder, "..")), ["b"])
      }),
    ),
  )

  it.effect("leaves nothing behind when filling fails, and then tries again", () =>
    inTemp((folder, fs) =>
      Effect.gen(function* () {
        const half = (partial: string) => Effect.andThen(fill(fs, "half")(partial), Effect.fail("no network"))
        assert.strictEqual(yield* Effect.flip(installOnce(folder, half)), "no network")
        assert.deepStrictEqual(yield* fs.readDirectory(join(folder, "..")), [])
        yield* installOnce(folder, fill(fs, "whole"))
        assert.strictEqual(yield* fs.readFileString(join(folder, "file")), "whole")
      }),
    ),
  )

  it.live("leaves nothing behind when it is interrupted", () =>
    inTemp((folder, fs) =>
      Effect.gen(function* () {
        const hanging = (partial: string) => Effect.andThen(fill(fs, "half")(partial), Effect.never)
        yield* installOnce(folder, hanging).pipe(Effect.timeoutOption("100 millis"))
        assert.deepStrictEqual(yield* fs.readDirectory(join(folder, "..")), [])
      }),
    ),
  )

  it.effect("keeps what another program put there meanwhile", () =>
    inTemp((folder, fs) =>
      Effect.gen(function* () {
        const overtaken = (partial: string) => Effect.andThen(fill(fs, "ours")(partial), fill(fs, "theirs")(folder))
        yield* installOnce(folder, overtaken)
        assert.strictEqual(yield* fs.readFileString(join(folder, "file")), "theirs")
        assert.deepStrictEqual(yield* fs.readDirectory(join(folder, "..")), ["b"])
      }),
    ),
  )

  it.effect("clears away what killed programs left, of any folder, and nothing of a living one", () =>
    inTemp((folder, fs) =>
      Effect.gen(function* () {
        const dead = markText({ ...ownMark(), pid: spawnSync("true").pid, start: "1" })
        const away = markText({ ...ownMark(), host: "cellar", boot: "00000000" })
        const names = [dead, markText(ownMark()), away].map((mark) => `other.partial-${mark}~01234567`)
        yield* Effect.forEach([...names, `uv.partial-${dead}~89abcdef.txt`], (name) =>
          fs.makeDirectory(join(folder, "..", name, "full"), { recursive: true }),
        )
        yield* installOnce(folder, fill(fs, "new"))
        assert.sameMembers(yield* fs.readDirectory(join(folder, "..")), ["b", ...names.slice(1)])
      }),
    ),
  )

  it.effect("clears away what an earlier try of this process left", () =>
    inTemp((folder, fs) =>
      Effect.gen(function* () {
        yield* fs.makeDirectory(`${folder}.partial-${process.pid}/old`, { recursive: true })
        yield* installOnce(folder, fill(fs, "new"))
        assert.deepStrictEqual(yield* fs.readDirectory(folder), ["file"])
      }),
    ),
  )
})
