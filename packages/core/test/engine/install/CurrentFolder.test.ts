import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { join } from "node:path"
import { pip, pythonCode } from "../../../src/engine/install/FindPython.ts"
import { shortCommand } from "../../../src/engine/process/ShortCommand.ts"
import { pythonPath } from "../../../src/engine/worker/PythonPath.ts"
import { pythonRuntime } from "../../../src/engine/worker/PythonRuntime.ts"

/** A folder whose files have the names of modules that Python brings: whoever imports one fails. */
const trap = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const folder = yield* fs.makeTempDirectoryScoped()
  for (const name of ["json", "platform", "pip", "runpy", "importlib"])
    yield* fs.writeFileString(join(folder, `${name}.py`), "raise SystemExit('of the current folder')")
  return folder
})

describe("a Python of ours", () => {
  it.live("imports nothing from the current folder", () =>
    Effect.gen(function* () {
      const cwd = yield* trap
      yield* shortCommand("python3", pythonCode("import json, platform"), { cwd })
      assert.match((yield* shortCommand("python3", pip("--version"), { cwd })).stdout, /^pip /)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)),
  )

  it.live("reads versions of packages there, too", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      // An interpreter that goes to the folder first, as if the command was run there.
      const python = join(yield* fs.makeTempDirectoryScoped(), "python")
      yield* fs.writeFileString(python, `#!/bin/sh\ncd ${yield* trap} && exec python3 "$@"\n`)
      yield* fs.chmod(python, 0o755)
      const { probe } = pythonRuntime({
        backend: "some",
        packages: ["pip"],
        beside: [],
        module: "pip",
        pythonVersion: "3.11",
        locked: Effect.die("not needed"),
        env: () => ({ PATH: process.env["PATH"]!, PYTHONPATH: pythonPath(), PYTHONDONTWRITEBYTECODE: "1" }),
      })
      assert.deepInclude(yield* probe({ python }), { program: "pip", origin: "named" })
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)),
  )
})
