import { FILE_LIMITS, readText } from "@rigbook/core"
import { markText, ownMark, parseMark, stateOf } from "@rigbook/core/engine"
import { Effect, FileSystem } from "effect"
import { join } from "node:path"

const claimPath = (folder: string): string => join(folder, "measuring.lock")

/**
 * Names this process in the folder of a cell that it measures, until the scope closes. Fails with `PlatformError` if that
 * can't be written.
 */
export const claimRun = Effect.fn("RunClaim.claimRun")(function* (folder: string) {
  const fs = yield* FileSystem.FileSystem
  yield* Effect.acquireRelease(fs.writeFileString(claimPath(folder), markText(ownMark())), () =>
    Effect.ignore(fs.remove(claimPath(folder), { force: true })),
  )
})

/** Whether another machine measures a cell: one of the same kind would resume its run otherwise. */
export const isMeasuredElsewhere = Effect.fn("RunClaim.isMeasuredElsewhere")(function* (folder: string) {
  const mark = parseMark((yield* Effect.orElseSucceed(readText(claimPath(folder), FILE_LIMITS.small), () => "")).trim())
  return mark !== undefined && stateOf(mark) === "elsewhere"
})
