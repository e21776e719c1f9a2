import { FILE_LIMITS, readText, RunRecord } from "@rigbook/core"
import { originOfHost, originsOf, readAllRecords, readRecords } from "@rigbook/records"
import { type Comparable, importFolders } from "@rigbook/registry"
import { Effect, FileSystem, Schema } from "effect"
import { basename, join, relative, resolve } from "node:path"
import { usageFailure } from "../Failure.ts"
import { openWorkspace } from "./OpenWorkspace.ts"

/** Records that an argument of the command line names. */
export interface Selection {
  readonly records: ReadonlyArray<Comparable>
  /** They are all of a registry. */
  readonly registry: boolean
}

/**
 * What an argument names: a record.json or its folder; a registry.json or the workspace that it is in; or in this
 * workspace the record of that id, else the latest record of each cell whose id contains the word.
 */
export const selectRecords = Effect.fn("SelectRecords.selectRecords")(function* (word: string) {
  const fs = yield* FileSystem.FileSystem
  const path = resolve(word)
  const candidates = [path, join(path, "record.json"), join(path, "models/registry.json")]
  const file = yield* Effect.findFirst(candidates, (candidate) =>
    Effect.match(fs.stat(candidate), { onSuccess: ({ type }) => type === "File", onFailure: () => false }),
  )
  if (file._tag === "Some") return yield* readSelection(file.value)
  const workspace = yield* openWorkspace
  const { imported, raw } = workspace
  const [origin = "", part] = word.split("/")
  if (part !== undefined && (yield* originsOf(workspace)).includes(origin)) {
    const { records: all } = yield* readAllRecords(workspace)
    const pulled = all.filter(({ cell, id }) => originOfHost(cell.host) === origin && id.includes(part))
    if (pulled.length > 0) return { records: latestRecords(pulled), registry: false } satisfies Selection
    return yield* usageFailure(`No record that was pulled from ${origin} has "${part}" in its id.`)
  }
  const { records } = yield* readRecords(raw)
  const exact = records.filter(({ id }) => id === word)
  const chosen = exact.length > 0 ? exact : latestRecords(records.filter(({ id }) => id.includes(word)))
  if (chosen.length > 0) return { records: chosen, registry: false } satisfies Selection
  if ((yield* importFolders(imported)).some((folder) => basename(folder).includes(word)))
    return yield* usageFailure(`"${word}" was imported: it has no trials measured by Rigbook, so it can't be compared.`)
  return yield* usageFailure(
    records.length === 0
      ? `No file ${relative(process.cwd(), path)}, and no records yet. Measure with: rigbook run`
      : `"${word}" is not a file, and no record's id contains it. List them with: rigbook runs`,
  )
})

const readSelection = Effect.fnUntraced(function* (path: string) {
  const text = yield* readText(path, FILE_LIMITS.imported)
  const { comparables, RegistryDocument } = yield* Effect.promise(() => import("@rigbook/reporters"))
  const decode = Schema.decodeUnknownEffect(Schema.fromJsonString(Schema.Union([RegistryDocument, RunRecord])))
  const document = yield* decode(text).pipe(
    Effect.mapError(() =>
      usageFailure(`${relative(process.cwd(), path)} is neither a record nor a registry of Rigbook.`),
    ),
  )
  return "entries" in document
    ? { records: comparables(document), registry: true }
    : ({ records: [document], registry: false } satisfies Selection)
})

/** The latest record of each cell. */
export const latestRecords = (records: ReadonlyArray<RunRecord>): ReadonlyArray<RunRecord> => [
  ...new Map(
    records.map((record) => {
      const { backend, config, host, placement, scenario } = record.cell
      return [JSON.stringify([config.id, backend, placement, scenario, host.fingerprint]), record] as const
    }),
  ).values(),
]
