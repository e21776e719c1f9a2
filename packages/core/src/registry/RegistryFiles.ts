import { Effect, FileSystem } from "effect"
import { basename, join, relative } from "node:path"
import type { Workspace } from "../config/Workspace.ts"
import { readImports } from "../imports/ImportStore.ts"
import { readRatingRules } from "../rating/ReadRatingRules.ts"
import type { Reporter } from "../Reporter.ts"
import { readRecords, writeAtomically } from "../run/RecordStore.ts"
import { readNotes } from "./ReadNotes.ts"
import { readRegistryTelemetry } from "./ReadTelemetry.ts"
import { makeRegistry } from "./Registry.ts"

/** A generated file of the registry: its path and the text that the records give. */
export interface RegistryFile {
  readonly path: string
  readonly text: string
}

/** Where a generated file is not what the records say: the first line that differs. */
export interface RegistryDifference {
  readonly path: string
  readonly line: number
  /** Absent for a line that should not be there. */
  readonly expected?: string
  /** Absent for a line that is missing, and for a missing file. */
  readonly found?: string
}

/** The registry's files as the records and notes of the workspace give them, and the records that can't be read. */
export const renderRegistry = Effect.fn("RegistryFiles.renderRegistry")(function* (
  workspace: Workspace,
  reporters: ReadonlyArray<Reporter>,
  /** Where the records come from: the workspace's folders, unless somebody has read them already. */
  read: ReturnType<typeof readRecords> = readRecords(workspace.raw),
) {
  const { broken, records } = yield* read
  const imports = yield* readImports(workspace.imported)
  const telemetry = yield* readRegistryTelemetry(workspace.raw, records)
  const made = makeRegistry(records, yield* readNotes(workspace.notes), {
    imported: imports.imported,
    rules: yield* readRatingRules(workspace),
  })
  const registry = { ...made, telemetry }
  const files = reporters.map(({ extension, id, registry: render }): RegistryFile => ({
    path: join(workspace.models, id === "markdown" ? "REGISTRY.md" : `registry.${extension}`),
    text: render(registry),
  }))
  return { registry, files, broken: [...broken, ...imports.broken] }
})

/** Writes the registry's files, each whole or not at all. */
export const writeRegistry = (files: ReadonlyArray<RegistryFile>) =>
  Effect.forEach(files, ({ path, text }) => writeAtomically(path, text), { discard: true })

/** Compares the files on disk with what the records say. */
export const checkRegistry = Effect.fn("RegistryFiles.checkRegistry")(function* (
  workspace: Workspace,
  files: ReadonlyArray<RegistryFile>,
) {
  const fs = yield* FileSystem.FileSystem
  const differences = yield* Effect.forEach(files, ({ path, text }) =>
    Effect.map(Effect.option(fs.readFileString(path)), (found) =>
      firstDifference(relative(workspace.root, path), text, found._tag === "Some" ? found.value : undefined),
    ),
  )
  return differences.filter((difference) => difference !== undefined)
})

/** Pure part of `checkRegistry`, for one file. `undefined` when there is no difference. */
export const firstDifference = (
  path: string,
  expected: string,
  found: string | undefined,
): RegistryDifference | undefined => {
  if (found === expected) return undefined
  if (found === undefined) return { path, line: 1, expected: `the file ${basename(path)}` }
  const wanted = expected.split("\n")
  const there = found.split("\n")
  const index = wanted.findIndex((line, at) => line !== there[at])
  const at = index === -1 ? wanted.length : index
  return {
    path,
    line: at + 1,
    ...(wanted[at] === undefined ? {} : { expected: wanted[at] }),
    ...(there[at] === undefined ? {} : { found: there[at] }),
  }
}
