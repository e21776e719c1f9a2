import { RatingRules } from "@rigbook/core"
import { ConfigError, decodeAt, readConfigFile, type Workspace } from "@rigbook/records"
import { Effect, FileSystem, Result } from "effect"
import { relative } from "node:path"

/**
 * The rules of a workspace: models/rating.yaml. `undefined` where there are none: nothing is rated then. Fails with
 * `ConfigError` where they are wrong, with `PlatformError` where the file can't be read.
 */
export const readRatingRules = Effect.fn("ReadRatingRules.readRatingRules")(function* (workspace: Workspace) {
  const fs = yield* FileSystem.FileSystem
  if (!(yield* Effect.orElseSucceed(fs.exists(workspace.rating), () => true))) return undefined
  const file = yield* readConfigFile(workspace.rating, relative(workspace.root, workspace.rating))
  const decoded = file.syntax.length > 0 ? Result.fail(file.syntax) : decodeAt(file, [], RatingRules, file.value)
  if (Result.isSuccess(decoded)) return decoded.success
  const [first, ...rest] = decoded.failure
  return yield* new ConfigError({ issues: [first!, ...rest] })
})
