import { Effect, FileSystem } from "effect"

/** Writes the header and leaves the rest sparse: it has the file's length, and takes almost no space. */
export const writeOutline = Effect.fnUntraced(function* (path: string, header: Uint8Array, length: number) {
  const fs = yield* FileSystem.FileSystem
  yield* fs.writeFile(path, header)
  yield* fs.truncate(path, length)
})
