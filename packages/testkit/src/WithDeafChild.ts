import { Effect, FileSystem } from "effect"
import { join } from "node:path"

/**
 * A program in a folder of the scope that runs `program` beside a child that ignores SIGTERM: for
 * `Faults.deafChild`, if a backend's options can name the program to run. Fails with `PlatformError` if it can't be
 * written.
 */
export const withDeafChild = Effect.fn("WithDeafChild.withDeafChild")(function* (program: string, name = "engine") {
  const fs = yield* FileSystem.FileSystem
  const path = join(yield* fs.makeTempDirectoryScoped({ prefix: "rigbook-testkit-" }), name)
  const quoted = `'${program.replaceAll("'", `'\\''`)}'`
  yield* fs.writeFileString(
    path,
    `#!/bin/sh\n(trap '' TERM; while :; do sleep 1; done) >/dev/null 2>&1 &\nexec ${quoted} "$@"\n`,
    { mode: 0o755 },
  )
  return path
})
