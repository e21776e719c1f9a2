import { Effect, FileSystem, Stream } from "effect"
import { createHash } from "node:crypto"
import { basename } from "node:path"
import { report } from "../Progress.ts"

/** SHA-256 (hex) of a file, read in pieces; tells `Progress` for files that take a while. */
export const fileSha256 = Effect.fn("FileHash.fileSha256")(function* (path: string) {
  const fs = yield* FileSystem.FileSystem
  const total = Number((yield* fs.stat(path)).size)
  const hash = createHash("sha256")
  const step = `hash ${basename(path)}`
  let done = 0
  let told = 0
  yield* fs.stream(path, { chunkSize: 2 ** 20 }).pipe(
    Stream.runForEach((bytes) => {
      hash.update(bytes)
      done += bytes.length
      if (done - told < 2 ** 28) return Effect.void
      told = done
      return report({ step, done, total, unit: "B" })
    }),
  )
  if (told > 0) yield* report({ step, done, total, unit: "B", finished: true })
  return hash.digest("hex")
})

/** SHA-256 (hex) of a short text. */
export const textSha256 = (text: string): string => createHash("sha256").update(text).digest("hex")
