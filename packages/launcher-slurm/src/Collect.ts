import { LaunchError, type LaunchUnit } from "@rigbook/core"
import { adoptRecord, findWorkspace, RECORD_FILE } from "@rigbook/records"
import { recordsIn } from "@rigbook/runner"
import { Effect, FileSystem } from "effect"
import { basename, join } from "node:path"
import type { Site } from "./Site.ts"
import { keepCollected } from "./Tidy.ts"
import { endingOf, linesOf } from "./UnitFolder.ts"

/** Takes the unit's records into the workspace, each once it is verified. */
export const collect = Effect.fn("Collect.collect")(function* (
  { folderOf, host, workspace: { raw, root } }: Site,
  unit: LaunchUnit,
) {
  const folder = folderOf(unit.name)
  const fs = yield* FileSystem.FileSystem
  const ids = recordsIn(yield* linesOf(folder))
  const wrong = (message: string) =>
    new LaunchError({ host, detail: message, fix: `Its records are in ${folder.records}.` })
  const workspace = yield* Effect.mapError(findWorkspace(root), ({ message }) => wrong(message))
  yield* Effect.gen(function* () {
    const results = join(raw, "..")
    yield* fs.makeDirectory(results, { recursive: true })
    const incoming = yield* fs.makeTempDirectoryScoped({ directory: results, prefix: ".incoming-" })
    for (const id of ids) {
      if (yield* fs.exists(join(raw, id, RECORD_FILE))) continue
      const copy = join(incoming, basename(id))
      yield* fs.copy(join(folder.records, basename(id)), copy)
      yield* adoptRecord(workspace, copy)
    }
  }).pipe(
    Effect.scoped,
    Effect.catchTag(["RecordRefused", "BadTelemetry", "UnreadableFile", "PlatformError"], ({ message }) =>
      Effect.fail(wrong(message)),
    ),
  )
  // Of a unit that failed or was stopped, more is there than its records.
  if ((yield* endingOf(folder))?.outcome === "done") yield* keepCollected(raw, folder)
  return ids
})
