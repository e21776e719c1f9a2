import { type BackendError, complete, isServed, type Metric, recordId } from "@rigbook/core"
import { appendShared, localNames, METRICS, type Workspace, writeRecord } from "@rigbook/records"
import { DateTime, Effect, FileSystem } from "effect"
import { join } from "node:path"
import { captureEnvironment } from "../host/CaptureEnvironment.ts"
import type { Cell } from "../plan/Cell.ts"

/** The time of a journal's lines. */
export const now = Effect.map(DateTime.now, DateTime.formatIso)

/** Makes the cell's folder and writes the first line of its journal. */
export const begin = Effect.fnUntraced(function* <R>(
  { backend, demand, options, spec }: Cell<R>,
  workspace: Workspace,
) {
  const fs = yield* FileSystem.FileSystem
  const environment = yield* captureEnvironment(workspace.root)
  const startedAt = yield* now
  const first = recordId(spec, startedAt)
  let id = first
  // A cell that fails at once may be started twice in a second: no record goes into another's folder.
  for (let turn = 2; yield* fs.exists(join(workspace.raw, id)); turn++) id = `${first}-${turn}`
  const folder = join(workspace.raw, id)
  yield* fs.makeDirectory(folder, { recursive: true })
  const { layout, requested: requestedOf } = complete(backend)
  const buffers = isServed(spec.model) ? undefined : layout?.(spec.model, options, spec.placement)
  const requested = {
    devices: spec.placement.devices.map(String),
    settings: requestedOf(options, spec.placement, spec.scenario),
    ...(buffers === undefined ? {} : { buffers }),
    demand,
  }
  const line = { kind: "cell", schema: 1, id, startedAt, cell: spec, environment, requested } as const
  yield* appendShared(folder, localNames(workspace.root), line)
  return folder
})

/** The record of a cell that could not be started at all, in a folder of its own. */
export const recordFailure = Effect.fn("Begin.recordFailure")(function* <R>(
  cell: Cell<R>,
  failure: BackendError,
  workspace: Workspace,
  metrics: ReadonlyArray<Metric> = METRICS,
) {
  const folder = yield* begin(cell, workspace)
  const names = localNames(workspace.root)
  yield* appendShared(folder, names, { kind: "failed", failure }, { kind: "finished", at: yield* now })
  return yield* writeRecord(folder, metrics)
})
