import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { systemError } from "effect/PlatformError"
import { existsSync } from "node:fs"
import { constants } from "node:os"
import { join } from "node:path"
import { diskProblem, explainedFiles } from "../../../src/engine/files/Disk.ts"

const failing = (code: string, errno?: number) =>
  systemError({
    _tag: "Unknown",
    module: "FileSystem",
    method: "writeFile",
    pathOrDescriptor: "/home/a/file",
    cause: Object.assign(new Error(code), { code, errno }),
  })

describe("diskProblem", () => {
  it("says what is wrong with the disk, and whether that ends a run", () => {
    const quota = constants.errno.EDQUOT
    for (const [code, says, everywhere, errno] of [
      ["ENOSPC", /^The disk is full: \/home\/a\/file needs 12 bytes/, true],
      // As Node has it, which knows no name for it.
      [`Unknown system error -${quota}`, /^The disk is full for this user, whose quota is used up: /, true, -quota],
      ["EROFS", /^The disk is read-only: \/home\/a\/file/, true],
      ["EFBIG", /^A file may not be that large: \/home\/a\/file needs 12 bytes/, true],
      ["EACCES", /^This user may not use \/home\/a\/file/, false],
      ["ENOTDIR", /^\/home\/a\/file can't be made/, false],
    ] as const) {
      const problem = diskProblem(failing(code, errno), "/home/a/file", 12)
      assert.match(problem?.detail ?? "", says)
      assert.strictEqual(problem?.everywhere, everywhere)
      assert.match(problem?.fix ?? "", /\.$/)
    }
    assert.isUndefined(diskProblem(failing("ENOENT")))
  })
})

describe("explainedFiles", () => {
  // Node's recursive mkdir never ends there.
  it.effect.skipIf(!existsSync("/proc/self"))("ends where a folder can't be made, and says which", () =>
    Effect.gen(function* () {
      const fs = explainedFiles(yield* FileSystem.FileSystem)
      const error = yield* Effect.flip(fs.makeDirectory("/proc/nowhere/a/b", { recursive: true }))
      assert.include(error.message, "/proc/nowhere can't be made")
      const folder = join(yield* fs.makeTempDirectoryScoped(), "a", "b", "c")
      for (let turn = 0; turn < 2; turn++) yield* fs.makeDirectory(folder, { recursive: true })
      yield* fs.writeFileString(join(folder, "file"), "")
      const through = yield* Effect.flip(fs.makeDirectory(join(folder, "file", "d"), { recursive: true }))
      assert.include(through.message, "can't be made")
      const onFile = yield* Effect.flip(fs.makeDirectory(join(folder, "file"), { recursive: true }))
      assert.include(onFile.message, "can't be made")
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)),
  )
})

// The kernel's own full disk.
describe.runIf(existsSync("/dev/full"))("explainedFiles on a full disk", () => {
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
