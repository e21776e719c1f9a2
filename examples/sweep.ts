import { type Backends, medianOf } from "@rigbook/core"
import type { Workspace } from "@rigbook/records"
import { captureHost, cellsToRun, plan, run } from "@rigbook/runner"
import { Effect, FileSystem } from "effect"
import { join } from "node:path"
import { echo } from "./echo-backend.ts"

const backends: Backends<FileSystem.FileSystem> = { ids: [echo.id], get: () => Effect.succeed(echo) }

/** One config for each pace, all planned before the first is run: a wrong one costs no time. */
export const sweep = Effect.fn("sweep")(function* (
  workspace: Workspace,
  paces: ReadonlyArray<number>,
  configOf: (delayMs: number) => string,
) {
  const fs = yield* FileSystem.FileSystem
  const configs = yield* Effect.forEach(paces, (delayMs) => {
    const path = join(workspace.configs, `sweep-${delayMs}.yaml`)
    return Effect.as(fs.writeFileString(path, configOf(delayMs)), path)
  })
  const { cells } = yield* plan(workspace, configs, backends, yield* captureHost)
  const records = yield* run(cellsToRun(cells), { workspace })
  return records.map((record) => ({ config: record.cell.config.id, tpot: medianOf(record, "tpot") }))
})
