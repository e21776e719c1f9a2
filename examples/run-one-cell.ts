import { NodeRuntime, NodeServices } from "@effect/platform-node"
import type { Backends } from "@rigbook/core"
import { ConfigError, findWorkspace, type Workspace } from "@rigbook/records"
import { captureHost, cellsToRun, plan, run } from "@rigbook/runner"
import { Effect, type FileSystem } from "effect"
import { join } from "node:path"
import { echo } from "./echo-backend.ts"

const backends: Backends<FileSystem.FileSystem> = {
  ids: [echo.id],
  get: (id) => Effect.succeed(id === echo.id ? echo : undefined),
}

/** Plans a config and measures the first cell of it. Mistakes in the config are reported with line and column. */
export const runOneCell = Effect.fn("runOneCell")(function* (workspace: Workspace, config: string) {
  const path = join(workspace.configs, `${config}.yaml`)
  const { cells, issues } = yield* plan(workspace, [path], backends, yield* captureHost)
  const [issue, ...others] = issues
  if (issue !== undefined) return yield* new ConfigError({ issues: [issue, ...others] })
  const [record] = yield* run(cellsToRun(cells).slice(0, 1), { workspace })
  return record
})

if (import.meta.main)
  Effect.gen(function* () {
    const record = yield* runOneCell(yield* findWorkspace("."), process.argv[2] ?? "tiny")
    console.log(record?.id, record?.verdict.status)
  }).pipe(Effect.provide(NodeServices.layer), NodeRuntime.runMain)
