import { FILE_LIMITS, LaunchUnit, readText } from "@rigbook/core"
import { type Workspace, writeAtomically } from "@rigbook/records"
import { Effect, FileSystem, Schema } from "effect"
import { basename, dirname, join } from "node:path"

const asText = Schema.fromJsonString(LaunchUnit)

/** Units that were submitted to a host and are not collected yet: a file each, so that the next run picks them up. */
const folderOf = (workspace: Workspace, host: string): string =>
  join(allOf(workspace), host.replace(/[^A-Za-z0-9._-]/g, "_"))

/** Those of all hosts. */
const allOf = ({ raw }: Workspace): string => join(raw, "..", "launched")

const fileOf = (workspace: Workspace, host: string, { name }: LaunchUnit): string =>
  join(folderOf(workspace, host), `${name}.json`)

/** Keeps a unit, before it is submitted. Fails with `PlatformError` if it can't be written. */
export const keepUnit = Effect.fn("UnitFiles.keepUnit")(function* (
  workspace: Workspace,
  host: string,
  unit: LaunchUnit,
) {
  const fs = yield* FileSystem.FileSystem
  const file = fileOf(workspace, host, unit)
  yield* fs.makeDirectory(dirname(file), { recursive: true })
  yield* writeAtomically(file, Schema.encodeSync(asText)(unit))
})

/** Forgets a unit, once its records are here or it was given up. Fails with `PlatformError`. */
export const forgetUnit = Effect.fn("UnitFiles.forgetUnit")(function* (
  workspace: Workspace,
  host: string,
  unit: LaunchUnit,
) {
  const fs = yield* FileSystem.FileSystem
  yield* fs.remove(fileOf(workspace, host, unit), { force: true })
})

/** Whether a unit is not collected yet, by this program or another. Fails with `PlatformError`. */
export const isKept = Effect.fn("UnitFiles.isKept")(function* (workspace: Workspace, host: string, unit: LaunchUnit) {
  return yield* (yield* FileSystem.FileSystem).exists(fileOf(workspace, host, unit))
})

/** The units of a host that are not collected yet. A file that is no unit is ignored. */
export const keptUnits = Effect.fn("UnitFiles.keptUnits")(function* (workspace: Workspace, host: string) {
  const fs = yield* FileSystem.FileSystem
  const folder = folderOf(workspace, host)
  const files = yield* Effect.orElseSucceed(fs.readDirectory(folder), () => [])
  const units = yield* Effect.forEach(
    files.toSorted((a, b) => (a < b ? -1 : 1)),
    (file) =>
      readText(join(folder, file), FILE_LIMITS.record).pipe(
        Effect.flatMap(Schema.decodeUnknownEffect(asText)),
        Effect.orElseSucceed(() => undefined),
      ),
  )
  return units.filter((unit) => unit !== undefined)
})

/** Names of the units that are not collected yet, of all hosts: two may be parts of one cluster. */
export const keptNames = Effect.fn("UnitFiles.keptNames")(function* (workspace: Workspace) {
  const fs = yield* FileSystem.FileSystem
  const folder = allOf(workspace)
  if (!(yield* fs.exists(folder))) return new Set<string>()
  const files = yield* fs.readDirectory(folder, { recursive: true })
  return new Set(files.flatMap((file) => (file.endsWith(".json") ? [basename(file, ".json")] : [])))
})
