import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { unpackPackages } from "../../../src/engine/install/Python.ts"
import { uv } from "../../../src/engine/install/Uv.ts"
import { shortCommand } from "../../../src/engine/process/ShortCommand.ts"
import { Progress, type ProgressEvent } from "../../../src/Progress.ts"

const WHEEL = "iniconfig==2.1.0 --hash=sha256:9deba5723312380e77435581c6bf4935c94cbfab9b1ed33ef8d238ea168eb760"

describe("Python packages", () => {
  it.live("are unpacked when their hash is right, and report it", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const folder = join(yield* fs.makeTempDirectoryScoped(), "target")
      const reported: Array<ProgressEvent> = []
      yield* unpackPackages({ what: "iniconfig", requirements: WHEEL }, folder).pipe(
        Effect.provideService(Progress, (event) => Effect.sync(() => void reported.push(event))),
      )
      assert.isTrue(existsSync(join(folder, "iniconfig", "__init__.py")))
      assert.isTrue(reported.some(({ finished, step }) => step === "iniconfig" && finished === true))
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)),
  )

  it.live("are refused when their hash is wrong", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const folder = join(yield* fs.makeTempDirectoryScoped(), "target")
      const requirements = WHEEL.replace(/.$/, "1")
      const error = yield* Effect.flip(unpackPackages({ what: "iniconfig", requirements }, folder))
      if (error._tag !== "SetupError") return assert.fail(error.message)
      assert.match(error.logTail.join("\n"), /hash/i)
      assert.isFalse(existsSync(join(folder, "iniconfig")))
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)),
  )
})

describe("uv", () => {
  it.live("is not led to another environment by variables of ours", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const folder = join(yield* fs.makeTempDirectoryScoped(), "venv")
      process.env["VIRTUAL_ENV"] = "/no/such/environment"
      process.env["PYTHONHOME"] = "/no/such/home"
      yield* uv("a test", ["venv", "--quiet", "--python", "3.11", folder]).pipe(
        Effect.ensuring(
          Effect.sync(() => {
            delete process.env["VIRTUAL_ENV"]
            delete process.env["PYTHONHOME"]
          }),
        ),
      )
      const { stdout } = yield* shortCommand(join(folder, "bin", "python"), ["--version"])
      assert.match(stdout, /^Python 3\.11\./)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)),
  )
})
