import { RunRecord } from "@rigbook/core"
import { readRecords } from "@rigbook/records"
import { type Comparable, importFolders } from "@rigbook/registry"
import { Effect, FileSystem, Schema } from "effect"
import { basename, join, relative, resolve } from "node:path"
import { usageFailure } from "../Failure.ts"
import { openWorkspace } from "./OpenWorkspace.ts"

/** Records that a word of the command line stands for. */
export interface Selection {
  readonly records: ReadonlyArray<Comparable>
  /** They are all of a registry. */
  readonly registry: boolean
}

/**
 * What a word stands for: a record.json or its folder; a registry.json or the workspace that it is in; or in this
 * workspace the record of that id, else of each cell whose id contains the word the latest.
 */
export const selectRecords = Effect.fn("SelectRecords.selectRecords")(function* (word: string) {
  const fs = yield* FileSystem.FileSystem
  const path = resolve(word)
  const candidates = [path, join(path, "record.json"), join(path, "models/registry.json")]
  const file = yield* Effect.findFirst(candidates, (candidate) =>
    Effect.match(fs.stat(candidate), { onSuccess: ({ type }) => type === "File", onFailure: () => false }),
  )
  if (file._tag === "Some") return yield* readSelection(file.value)
  const { imported, raw } = yield* openWorkspace
  const { records } = yield* readRecords(raw)
  const exact = records.filter(({ id }) => id === word)
  const chosen = exact.length > 0 ? exact : latest(records.filter(({ id }) => id.includes(word)))
  if (chosen.length > 0) return { records: chosen, registry: false } satisfies Selection
  if ((yield* importFolders(imported)).some((folder) => basename(folder).includes(word)))
    return yield* usageFailure(`"${word}" was imported: it has no trials of ours, and is not compared with what has.`)
  return yield* usageFailure(
    records.length === 0
      ? `There is no file ${relative(process.cwd(), path)}, and there are no records yet. Measure with: rigbook run`
      : `"${word}" is no file, and no record's id contains it. List them with: rigbook runs`,
  )
})

const readSelection = Effect.fnUntraced(function* (path: string) {
  const fs = yield* FileSystem.FileSystem
  const text = yield* fs.readFileString(path)
  const { comparables, RegistryDocument } = yield* Effect.promise(() => import("@rigbook/reporters"))
  const decode = Schema.decodeUnknownEffect(Schema.fromJsonString(Schema.Union([RegistryDocument, RunRecord])))
  const document = yield* decode(text).pipe(
    Effect.mapError(() =>
      usageFailure(`${relative(process.cwd(), path)} is neither a record nor a registry of Rigbook's.`),
    ),
  )
  return "entries" in document
    ? { records: comparables(document), registry: true }
    : ({ records: [document], registry: false } satisfies Selection)
})

/** Of each cell the last that was started. */
const latest = (records: ReadonlyArray<RunRecord>): ReadonlyArray<RunRecord> => [
  ...new Map(
    records.map((record) => {
      const { backend, config, host, placement, scenario } = record.cell
      return [JSON.stringify([config.id, backend, placement, scenario, host.fingerprint]), record] as const
    }),
  ).values(),
]
