import { RunRecord } from "@rigbook/core"
import { Effect, FileSystem } from "effect"
import { join, relative } from "node:path"
import { BadRecord, readRecords } from "../store/RecordStore.ts"
import { fromOrigin, isOrigin, originOfHost } from "./Origin.ts"
import { type Workspace, workspaceAt } from "../workspace/Workspace.ts"

/** The workspace that holds what was pulled from an origin: laid out as the origin's own. Pure. */
export const originWorkspace = ({ pulled }: Workspace, origin: string): Workspace =>
  workspaceAt(join(pulled, origin), { rigbook: 1 })

/** The folder of a record that `readAllRecords` returned. Pure. */
export const folderOf = (workspace: Workspace, { cell, id }: RunRecord): string => {
  const origin = originOfHost(cell.host)
  return join(origin === undefined ? workspace.raw : originWorkspace(workspace, origin).raw, id)
}

/** Names of the origins that records were pulled from. Fails with `PlatformError`. */
export const originsOf = Effect.fn("Pulled.originsOf")(function* ({ pulled }: Workspace) {
  const fs = yield* FileSystem.FileSystem
  if (!(yield* fs.exists(pulled))) return []
  return (yield* fs.readDirectory(pulled)).filter(isOrigin).toSorted()
})

type Read = Effect.Success<ReturnType<typeof readRecords>>

/**
 * This workspace's own records and those that were pulled, oldest first. Hosts of pulled records bear the origin's name. One id is
 * one record: this workspace's own comes before any that was pulled. Also the folders whose record can't be read. Fails with
 * `PlatformError`.
 */
export const withPulled = Effect.fn("Pulled.withPulled")(function* (workspace: Workspace, own: Read) {
  const origins = yield* originsOf(workspace)
  if (origins.length === 0) return own
  const records = new Map(own.records.map((record) => [record.id, record]))
  const broken = [...own.broken]
  for (const origin of origins) {
    const { raw, root } = originWorkspace(workspace, origin)
    const read = yield* readRecords(raw)
    const fresh = read.records.filter(({ id }) => !records.has(id)).map((record) => fromOrigin(record, origin))
    for (const record of apart(fresh, [...records.values()], origin)) records.set(record.id, record)
    const place = relative(workspace.root, root)
    broken.push(...read.broken.map(({ detail, path }) => new BadRecord({ path: join(place, path), detail })))
  }
  return { records: [...records.values()].toSorted((a, b) => (a.startedAt < b.startedAt ? -1 : 1)), broken }
})

/** All records that a registry shows: see `withPulled`. Fails with `PlatformError`. */
export const readAllRecords = (workspace: Workspace) =>
  Effect.flatMap(readRecords(workspace.raw), (own) => withPulled(workspace, own))

/** A config's name is its author's: one that stands for another model here is distinguished by its origin. */
const apart = (
  records: ReadonlyArray<RunRecord>,
  known: ReadonlyArray<RunRecord>,
  origin: string,
): ReadonlyArray<RunRecord> => {
  const models = Map.groupBy(known, ({ cell }) => cell.config.id)
  const isOther = ({ cell: { config, model } }: RunRecord): boolean =>
    models.get(config.id)?.every(({ cell }) => cell.model.sha256 !== model.sha256) ?? false
  return records.map((record) => {
    const { cell } = record
    if (!isOther(record)) return record
    const config = { ...cell.config, id: `${cell.config.id}-${origin}`, name: `${cell.config.name} (${origin})` }
    return new RunRecord(Object.assign({}, record, { cell: { ...cell, config } }))
  })
}
