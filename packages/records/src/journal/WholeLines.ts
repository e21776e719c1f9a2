import { FILE_LIMITS, readBytes } from "@rigbook/core"
import { Effect, FileSystem } from "effect"

/** Removes what follows the last line end of a file: a line that was not written completely. */
export const cutToWholeLines = Effect.fn("WholeLines.cutToWholeLines")(function* (path: string) {
  const fs = yield* FileSystem.FileSystem
  const bytes = yield* readBytes(path, FILE_LIMITS.journal)
  yield* fs.truncate(path, bytes.lastIndexOf(0x0a) + 1)
})
