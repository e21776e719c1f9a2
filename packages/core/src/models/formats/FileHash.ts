import { Effect, FileSystem, Option, Stream } from "effect"
import { createHash } from "node:crypto"
import { basename, dirname, join, resolve } from "node:path"
import { FILE_LIMITS } from "../../files/FileLimits.ts"
import { checkOrdinary, readText } from "../../files/ReadFile.ts"
import { cacheFolder, lockHash } from "../../engine/install/CacheFolder.ts"
import { report } from "../../Progress.ts"

/**
 * SHA-256 (hex) of a file. The hash of a large file is cached for as long as the file's size, times and
 * place on the disk stay the same: reading 40 GB takes minutes. Fails with `UnreadableFile` or `PlatformError` if the file
 * can't be read.
 */
export const fileSha256 = Effect.fn("FileHash.fileSha256")(function* (path: string) {
  yield* checkOrdinary(path)
  const fs = yield* FileSystem.FileSystem
  const { dev, ino, mtime, size } = yield* fs.stat(path)
  if (size < LARGE) return yield* readSha256(path, Number(size))
  const facts = [resolve(path), dev, Option.getOrUndefined(ino), Option.getOrUndefined(mtime)?.getTime(), size]
  const kept = join(cacheFolder(), "hashes", lockHash(...facts.map(String)))
  const known = yield* Effect.orElseSucceed(readText(kept, FILE_LIMITS.cached), () => "")
  if (/^[0-9a-f]{64}$/.test(known)) return known
  const hash = yield* readSha256(path, Number(size))
  yield* fs.makeDirectory(dirname(kept), { recursive: true }).pipe(
    Effect.andThen(fs.writeFileString(kept, hash)),
    Effect.ignore, // without a cache it is only slower
  )
  return hash
})

const LARGE = 64 * 2 ** 20

/** Reads a file in pieces, and reports `Progress` for large ones. */
const readSha256 = Effect.fnUntraced(function* (path: string, total: number) {
  const fs = yield* FileSystem.FileSystem
  const hash = createHash("sha256")
  const step = `hash ${basename(path)}`
  let done = 0
  let reported = 0
  yield* fs.stream(path, { chunkSize: 2 ** 20 }).pipe(
    Stream.runForEach((bytes) => {
      hash.update(bytes)
      done += bytes.length
      if (done - reported < 2 ** 28) return Effect.void
      reported = done
      return report({ step, done, total, unit: "B" })
    }),
  )
  if (reported > 0) yield* report({ step, done, total, unit: "B", finished: true })
  return hash.digest("hex")
})
