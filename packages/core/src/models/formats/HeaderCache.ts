import { Effect, FileSystem } from "effect"
import { dirname, join } from "node:path"
import { deserialize, serialize } from "node:v8"
import { cacheFolder, lockHash } from "../../engine/install/CacheFolder.ts"
import { FILE_LIMITS } from "../../files/FileLimits.ts"
import { readBytes } from "../../files/ReadFile.ts"
import { VERSION } from "../../Version.ts"

/** Another release may read other things of a header. */
const pathOf = (file: string): string => join(cacheFolder(), "headers", lockHash(VERSION, file))

/** The header of a file that an earlier command has read; `undefined` if there is none, or it can't be read. */
export const cachedHeader = (file: string): Effect.Effect<unknown> =>
  readBytes(pathOf(file), FILE_LIMITS.cached).pipe(
    Effect.flatMap((bytes) => Effect.try((): unknown => deserialize(bytes))),
    Effect.orElseSucceed(() => undefined),
  )

/** Keeps a header for later commands. Without a cache they are only slower. */
export const cacheHeader = Effect.fnUntraced(function* (file: string, header: unknown) {
  const fs = yield* FileSystem.FileSystem
  const path = pathOf(file)
  const partial = `${path}.${process.pid}`
  yield* fs
    .makeDirectory(dirname(path), { recursive: true })
    .pipe(
      Effect.andThen(fs.writeFile(partial, serialize(header))),
      Effect.andThen(fs.rename(partial, path)),
      Effect.ignore,
    )
})
