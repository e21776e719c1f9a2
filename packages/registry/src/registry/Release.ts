import { FILE_LIMITS, type Registry } from "@rigbook/core"
import { ConfigError, decodeAt, readConfigFile, type Workspace, writeAtomically } from "@rigbook/records"
import { Effect, FileSystem, Result, Schema } from "effect"
import { join, relative } from "node:path"

/** models/release.json: what the registry showed when somebody last released it, for the next one to say what changed. */
export const Release = Schema.Struct({
  /** Of the latest record that it showed. */
  date: Schema.NonEmptyString,
  /** Ids of the records that it showed. */
  records: Schema.Array(Schema.NonEmptyString),
}).annotate({ identifier: "Release" })
export type Release = typeof Release.Type

const releasePath = ({ models }: Workspace): string => join(models, "release.json")

/**
 * The last release of a workspace's registry; `undefined` where there was none. Fails with `ConfigError` where its file is
 * wrong, with `PlatformError` where it can't be read.
 */
export const readRelease = Effect.fn("Release.readRelease")(function* (workspace: Workspace) {
  const fs = yield* FileSystem.FileSystem
  const path = releasePath(workspace)
  if (!(yield* fs.exists(path))) return undefined
  // JSON is YAML too, and is read with the lines of what is wrong in it.
  const file = yield* readConfigFile(path, relative(workspace.root, path), FILE_LIMITS.small)
  const decoded = file.syntax.length > 0 ? Result.fail(file.syntax) : decodeAt(file, [], Release, file.value)
  if (Result.isSuccess(decoded)) return decoded.success
  const [first, ...rest] = decoded.failure
  return yield* new ConfigError({ issues: [first!, ...rest] })
})

/** Keeps what a registry shows as its last release. Fails with `PlatformError` where the file can't be written. */
export const releaseRegistry = Effect.fn("Release.releaseRegistry")(function* (
  workspace: Workspace,
  { entries, updatedAt }: Registry,
) {
  if (updatedAt === undefined) return
  const records = entries.flatMap((entry) => entry.records.map(({ id }) => id)).toSorted()
  yield* writeAtomically(releasePath(workspace), `${JSON.stringify({ date: updatedAt, records }, null, 2)}\n`)
})
