import { Effect, FileSystem, type PlatformError } from "effect"
import { dirname } from "node:path"

/**
 * Makes a folder and those above it. Not by Node's recursive mkdir, which tries for ever where the system says that a
 * folder above is missing though it is not, as below /proc, and hides that a disk is read-only. Fails with `PlatformError`.
 */
export const makeFolder = (path: string): Effect.Effect<void, PlatformError.PlatformError, FileSystem.FileSystem> =>
  Effect.flatMap(FileSystem.FileSystem, (fs) => makeIn(fs, path))

/** The same with a given file system. */
export const makeIn = (
  fs: Pick<FileSystem.FileSystem, "makeDirectory" | "stat">,
  path: string,
): Effect.Effect<void, PlatformError.PlatformError> =>
  Effect.catch(fs.makeDirectory(path), (error) => {
    if (error.reason._tag === "NotFound" && dirname(path) !== path)
      return Effect.andThen(makeIn(fs, dirname(path)), alone(fs, path))
    return Effect.flatMap(isFolder(fs, path), (is) => (is ? Effect.void : Effect.fail(error)))
  })

/** Another process may make it at the same time. */
const alone = (fs: Pick<FileSystem.FileSystem, "makeDirectory" | "stat">, path: string) =>
  Effect.catch(fs.makeDirectory(path), (error) =>
    Effect.flatMap(isFolder(fs, path), (is) => (is ? Effect.void : Effect.fail(error))),
  )

const isFolder = (fs: Pick<FileSystem.FileSystem, "stat">, path: string) =>
  fs.stat(path).pipe(
    Effect.map(({ type }) => type === "Directory"),
    Effect.orElseSucceed(() => false),
  )
