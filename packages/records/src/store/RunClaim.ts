import { FILE_LIMITS, readText } from "@rigbook/core"
import { markText, ownMark, parseMark, stateOf } from "@rigbook/core/engine"
import { Effect, FileSystem } from "effect"
import { join } from "node:path"

/** The file that a process leaves in the folder of the cell that it measures, for as long as it does. */
export const CLAIM_FILE = "measuring.lock"

const claimPath = (folder: string): string => join(folder, CLAIM_FILE)

const textOf = (path: string) => Effect.orElseSucceed(readText(path, FILE_LIMITS.small), () => "")

/**
 * Names this process in the folder of a cell that it measures, until the scope closes. Fails with `PlatformError` if that
 * can't be written.
 */
export const claimRun = Effect.fn("RunClaim.claimRun")(function* (folder: string) {
  const fs = yield* FileSystem.FileSystem
  const [path, own] = [claimPath(folder), markText(ownMark())]
  const release = Effect.flatMap(textOf(path), (text) =>
    text === own ? fs.remove(path, { force: true }) : Effect.void,
  )
  yield* Effect.acquireRelease(fs.writeFileString(path, own), () => Effect.ignore(release))
})

/** Whether another machine measures a cell: one of the same kind would resume its run otherwise. */
export const isMeasuredElsewhere = Effect.fn("RunClaim.isMeasuredElsewhere")(function* (folder: string) {
  const mark = parseMark((yield* textOf(claimPath(folder))).trim())
  return mark !== undefined && stateOf(mark) === "elsewhere"
})
