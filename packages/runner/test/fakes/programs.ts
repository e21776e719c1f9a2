import { Effect, FileSystem } from "effect"
import { join } from "node:path"

/** Puts shell scripts first on PATH until the scope closes, each under the name of a program. */
export const fakePrograms = Effect.fnUntraced(function* (scripts: Readonly<Record<string, string>>) {
  const fs = yield* FileSystem.FileSystem
  const folder = yield* fs.makeTempDirectoryScoped({ prefix: "rigbook-programs-" })
  for (const [name, script] of Object.entries(scripts))
    yield* fs.writeFileString(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  const path = process.env["PATH"] ?? ""
  yield* Effect.acquireRelease(
    Effect.sync(() => void (process.env["PATH"] = `${folder}:${path}`)),
    () => Effect.sync(() => void (process.env["PATH"] = path)),
  )
  return folder
})
