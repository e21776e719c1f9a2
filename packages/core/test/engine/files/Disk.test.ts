import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { systemError } from "effect/PlatformError"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { diskProblem, explainedFiles } from "../../../src/engine/files/Disk.ts"

const failing = (code: string) =>
  systemError({
    _tag: "Unknown",
    module: "FileSystem",
    method: "writeFile",
    pathOrDescriptor: "/home/a/file",
    cause: Object.assign(new Error(code), { code }),
  })

describe("diskProblem", () => {
  it("says what is wrong with the disk, and whether that ends a run", () => {
    for (const [code, says, everywhere] of [
      ["ENOSPC", /^The disk is full: \/home\/a\/file needs 12 bytes/, true],
      ["EDQUOT", /^The disk is full for this user, whose quota is used up: \/home\/a\/file needs 12 bytes/, true],
      ["EROFS", /^The disk is read-only: \/home\/a\/file/, true],
      ["EFBIG", /^A file may not be that large: \/home\/a\/file needs 12 bytes/, false],
      ["EACCES", /^This user may not use \/home\/a\/file/, false],
      ["ENOTDIR", /^\/home\/a\/file can't be made/, false],
    ] as const) {
      const problem = diskProblem(failing(code), "/home/a/file", 12)
      assert.match(problem?.detail ?? "", says)
      assert.strictEqual(problem?.everywhere, everywhere)
      assert.match(problem?.fix ?? "", /\.$/)
    }
    assert.isUndefined(diskProblem(failing("ENOENT")))
  })
})

// The kernel's own full disk.
describe.runIf(existsSync("/dev/full"))("explainedFiles", () => {
  it.effect("names the path and the bytes that a write needed", () =>
    Effect.gen(function* () {
      const fs = explainedFiles(yield* FileSystem.FileSystem)
      const opened = Effect.scoped(
        Effect.flatMap(fs.open("/dev/full", { flag: "w" }), (file) => file.writeAll(new Uint8Array(7))),
      )
      for (const [write, bytes] of [
        [fs.writeFileString("/dev/full", "süß"), 5],
        [fs.writeFile("/dev/full", new Uint8Array(6)), 6],
        [opened, 7],
      ] as const) {
        const error = yield* Effect.flip(write)
        assert.match(
          error.message,
          new RegExp(`The disk is full: /dev/full needs ${bytes} bytes, and \\d+ bytes are free`),
        )
        assert.match(diskProblem(error)!.detail, new RegExp(` ${bytes} bytes`))
      }
    }).pipe(Effect.provide(NodeServices.layer)),
  )

  it.effect("changes nothing where all is well, or another thing is wrong", () =>
    Effect.gen(function* () {
      const fs = explainedFiles(yield* FileSystem.FileSystem)
      const folder = yield* fs.makeTempDirectoryScoped()
      const file = yield* fs.open(join(folder, "a"), { flag: "w+" })
      yield* file.writeAll(new TextEncoder().encode("text"))
      yield* file.sync
      assert.strictEqual(yield* fs.readFileString(join(folder, "a")), "text")
      const missing = yield* Effect.flip(fs.writeFileString(join(folder, "b", "c"), ""))
      assert.strictEqual(missing.reason._tag, "NotFound")
      assert.include((yield* Effect.flip(fs.makeDirectory(join(folder, "a", "b")))).message, "can't be made")
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)),
  )
})
