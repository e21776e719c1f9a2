import { attemptOf } from "@rigbook/core"
import { readRecords, RECORD_FILE } from "@rigbook/records"
import { Effect, FileSystem } from "effect"
import { join } from "node:path"
import { endingOf, type UnitFolder, unitFolder } from "./UnitFolder.ts"

const markOf = ({ path }: UnitFolder): string => join(path, "collected")

/**
 * Keeps that all that a unit measured is in the workspace, verified. It is not where a cell has left trials and no record,
 * which a later unit resumes.
 */
export const keepCollected = Effect.fnUntraced(function* (raw: string, folder: UnitFolder) {
  const fs = yield* FileSystem.FileSystem
  const ids = yield* fs.readDirectory(folder.records)
  const isHere = yield* Effect.forEach(ids, (id) => fs.exists(join(raw, id, RECORD_FILE)))
  if (isHere.every(Boolean)) yield* fs.writeFileString(markOf(folder), "")
}, Effect.orDie)

const seriesOf = (name: string): string => name.replace(/-a\d+$/, "")

/**
 * Removes the folders of units whose records were collected, or those of a later attempt were, but for the ones that are
 * named by `kept`. A lost attempt stays: its node may still write there.
 */
export const tidyUnits = Effect.fn("Tidy.tidyUnits")(function* (raw: string, kept: ReadonlySet<string>) {
  const fs = yield* FileSystem.FileSystem
  const folder = join(raw, "..", ".units")
  if (!(yield* fs.exists(folder))) return
  const names = yield* fs.readDirectory(folder)
  const collected = yield* Effect.filter(names, (name) => fs.exists(markOf(unitFolder(raw, name))))
  const isCollected = (name: string): boolean =>
    collected.some((other) => seriesOf(other) === seriesOf(name) && attemptOf({ name: other }) >= attemptOf({ name }))
  // The latest attempt goes last: it is what says so of those before.
  for (const name of names.toSorted((a, b) => attemptOf({ name: a }) - attemptOf({ name: b }))) {
    if (kept.has(name) || !isCollected(name)) continue
    const ending = yield* endingOf(unitFolder(raw, name))
    if (ending === undefined || ending.outcome === "lost") continue
    yield* fs.remove(join(folder, name), { recursive: true })
  }
}, Effect.orDie)

/** Ids of the workspace's records by the identity of their cell, but for invalid ones. */
export const collectedRecords = Effect.fn("Tidy.collectedRecords")(function* (raw: string) {
  const { records } = yield* readRecords(raw)
  const valid = records.filter(({ verdict }) => verdict.status !== "invalid")
  const groups = Map.groupBy(valid, ({ cell }) => cell.identity)
  return new Map([...groups].map(([identity, group]) => [identity, group.map(({ id }) => id)] as const))
}, Effect.orDie)
