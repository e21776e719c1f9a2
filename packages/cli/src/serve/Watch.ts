import type { Backends, Metric, Registry, RunRecord } from "@rigbook/core"
import {
  BadRecord,
  METRICS,
  readRecord,
  originsOf,
  originWorkspace,
  type RunProgress,
  runProgress,
  withPulled,
  type Workspace,
} from "@rigbook/records"
import { renderRegistry } from "@rigbook/registry"
import { estimatePlanned } from "@rigbook/runner"
import { Effect, FileSystem } from "effect"
import { join } from "node:path"

/** What there is to show at a moment. */
export interface Watched {
  readonly registry: Registry
  /** Grows with each change of the registry. */
  readonly version: number
  readonly run: RunProgress | undefined
}

/**
 * Reads a workspace's files each time it runs. Records are written once, so each is read once; the journal
 * of the running cell is read as it grows. `backends` estimate planned models; `metrics` are Rigbook's and plugins'.
 */
export const watchWorkspace = <R>(
  workspace: Workspace,
  backends: Backends<R>,
  metrics: ReadonlyArray<Metric> = METRICS,
) => {
  const records = new Map<string, RunRecord>()
  const broken = new Map<string, BadRecord>()
  let changes = 0
  let observed = ""
  let watched: Watched | undefined

  /** Reads new records, and forgets deleted ones. */
  const refresh = Effect.gen(function* () {
    const names = new Set(yield* namesIn(workspace.raw))
    for (const id of records.keys()) if (!names.has(id) && records.delete(id)) changes++
    broken.clear()
    for (const id of names) {
      if (records.has(id)) continue
      const record = yield* readRecord(join(workspace.raw, id)).pipe(Effect.catchTag("BadRecord", Effect.succeed))
      if (record instanceof BadRecord) broken.set(id, record)
      else if (record !== undefined && records.set(id, record)) changes++
    }
  })
  const read = Effect.suspend(() =>
    withPulled(workspace, {
      records: [...records.values()].toSorted((a, b) => (a.startedAt < b.startedAt ? -1 : 1)),
      broken: [...broken.values()],
    }),
  )

  return Effect.gen(function* () {
    yield* refresh
    const run = yield* runProgress(workspace.raw, [...records.values()], metrics)
    const now = `${changes} ${yield* stampOf(workspace)}`
    if (watched !== undefined && now === observed) watched = { ...watched, run }
    else {
      const { registry } = yield* renderRegistry(
        workspace,
        [],
        (outlines) => estimatePlanned(workspace, outlines, backends),
        { metrics, read },
      )
      observed = now
      watched = { registry, version: (watched?.version ?? 0) + 1, run }
    }
    return watched
  })
}

const namesIn = Effect.fnUntraced(function* (folder: string) {
  const fs = yield* FileSystem.FileSystem
  return (yield* fs.exists(folder)) ? (yield* fs.readDirectory(folder)).toSorted() : []
})

/**
 * What the registry is made of beside records: the last change of each file that people write or import, and which
 * reports exist, and the last pull of each origin. The contents of reports are not in the registry.
 */
const stampOf = Effect.fnUntraced(function* (workspace: Workspace) {
  const { configs, imported, notes, rating, reports } = workspace
  const fs = yield* FileSystem.FileSystem
  // A pull adds folders here, and replaces whole ones.
  const pulled = (yield* originsOf(workspace)).map((origin) => originWorkspace(workspace, origin).raw)
  const folders = yield* Effect.forEach([configs, imported, notes], (folder) =>
    Effect.map(namesIn(folder), (names) => names.map((name) => join(folder, name))),
  )
  const stamps = yield* Effect.forEach([rating, ...pulled, ...folders.flat()], (path) =>
    Effect.map(Effect.option(fs.stat(path)), (stat) =>
      stat._tag === "Some" && stat.value.mtime._tag === "Some" ? `${path} ${stat.value.mtime.value.getTime()}` : path,
    ),
  )
  return [...stamps, ...(yield* namesIn(reports))].join("\n")
})
