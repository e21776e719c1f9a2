import {
  type FileContent,
  FILE_LIMITS,
  type Metric,
  type PlannedModel,
  PluginError,
  readBytes,
  readText,
  readTextIfAny,
  type Registry,
  type Reporter,
} from "@rigbook/core"
import {
  type ConfigIssue,
  type ReadOutline,
  METRICS,
  readAllRecords,
  readOutlines,
  type Workspace,
  writeAtomically,
} from "@rigbook/records"
import { Effect, FileSystem, Option } from "effect"
import { createHash } from "node:crypto"
import { basename, dirname, join, relative } from "node:path"
import { readImports } from "../imports/ImportStore.ts"
import { readRatingRules } from "../rating/ReadRatingRules.ts"
import { readNotes } from "./ReadNotes.ts"
import { readRegistryTelemetry } from "./ReadTelemetry.ts"
import { makeRegistry } from "./Registry.ts"
import { readRelease } from "./Release.ts"

/** A generated file of the registry: its path and what the records give, made when it is used. */
export interface RegistryFile {
  readonly path: string
  readonly content: () => FileContent
  /** The same in parts, to be written one after the other. */
  readonly parts: () => Iterable<FileContent>
  /** One of many that lie beside a file of the registry: small enough to be written as one text. */
  readonly page?: true
}

/** Where a generated file differs from the records: the first such line. */
export interface RegistryDifference {
  readonly path: string
  readonly line: number
  /** Absent for a line that should not be there. */
  readonly expected?: string
  /** Absent for a line that is missing, and for a missing file. */
  readonly found?: string
}

/** Estimates the memory of models that are only planned, and reports problems of their configs. */
export type EstimateOutlines<E = never, R = never> = (
  outlines: ReadonlyArray<ReadOutline>,
) => Effect.Effect<{ readonly planned: ReadonlyArray<PlannedModel>; readonly issues: ReadonlyArray<ConfigIssue> }, E, R>

/** Further input of the registry. */
export interface RenderOptions {
  /** Metrics that may request columns: Rigbook's by default; a program with plugins adds theirs. */
  readonly metrics?: ReadonlyArray<Metric>
  /** Where the records come from: the workspace's folders, unless the caller has already read them. */
  readonly read?: ReturnType<typeof readAllRecords>
}

/** The ending of the report of a single record, named by its id. */
export const REPORT_ENDING = ".md"

/**
 * The registry's files, from the records, notes and configs of the workspace, and which of these can't be read.
 * `estimate` is called for the configs that have no record. Fails with `ConfigError` if the rating rules are invalid,
 * with `PlatformError` if a folder can't be read, with `PluginError` if a reporter names files outside of `models`, and as
 * `estimate` does.
 */
export const renderRegistry = Effect.fn("RegistryFiles.renderRegistry")(function* <E, R>(
  workspace: Workspace,
  reporters: ReadonlyArray<Reporter<FileContent>>,
  estimate: EstimateOutlines<E, R>,
  { metrics = METRICS, read = readAllRecords(workspace) }: RenderOptions = {},
) {
  const { broken, records } = yield* read
  const imports = yield* readImports(workspace.imported)
  const telemetry = yield* readRegistryTelemetry(workspace, records)
  const configs = yield* readOutlines(workspace)
  const measured = new Set(records.map(({ cell }) => cell.config.id))
  const { issues, planned } = yield* estimate(configs.outlines.filter(({ id }) => !measured.has(id)))
  const notes = yield* readNotes(workspace.notes)
  const made = makeRegistry(records, notes.notes, {
    imported: imports.imported,
    rules: yield* readRatingRules(workspace),
    release: yield* readRelease(workspace),
    configs: configs.outlines,
    planned,
    reports: yield* reportIds(workspace),
  })
  const registry = { ...made, telemetry, metrics }
  const strange = reporters.find((reporter) => !isName(fileName(reporter)))
  if (strange !== undefined) return yield* misnamed(strange, fileName(strange))
  const failed: Array<PluginError> = []
  const files: Array<RegistryFile> = []
  for (const reporter of reporters) {
    const pages = yield* unlessItFails(
      failed,
      Effect.sync(() => Array.from(reporter.registryPages?.(registry) ?? [])),
    )
    if (pages === undefined) continue
    const outside = pages.find(({ name }) => !name.split("/").every(isName))
    if (outside !== undefined) return yield* misnamed(reporter, outside.name)
    files.push(...filesOf(workspace, reporter, registry, pages))
  }
  return {
    registry,
    files,
    failed,
    broken: [...broken, ...imports.broken],
    issues: [...configs.issues, ...issues, ...notes.issues],
  }
})

type Pages = ReturnType<NonNullable<Reporter<FileContent>["registryPages"]>>

/** The files that a reporter makes of the registry. */
const filesOf = (
  workspace: Workspace,
  reporter: Reporter<FileContent>,
  registry: Registry,
  pages: Pages,
): ReadonlyArray<RegistryFile> => [
  {
    path: join(workspace.models, fileName(reporter)),
    content: () => reporter.registry(registry),
    parts: () => reporter.registryParts?.(registry) ?? [reporter.registry(registry)],
  },
  ...Array.from(pages, ({ name, parts }) => ({
    path: join(workspace.models, name),
    content: () => joined([...parts()]),
    parts,
    page: true as const,
  })),
]

/** A reporter of a plugin that throws costs its own file, and no other: `undefined`, and its error is among `failed`. */
const unlessItFails = <A, E, R>(
  failed: Array<PluginError>,
  made: Effect.Effect<A, E, R>,
): Effect.Effect<A | undefined, E, R> =>
  Effect.catchDefect(made, (defect) => {
    if (!(defect instanceof PluginError)) return Effect.die(defect)
    failed.push(defect)
    return Effect.succeed(undefined)
  })

/** Ids of the records that have their own report. */
const reportIds = Effect.fnUntraced(function* ({ reports }: Workspace) {
  const fs = yield* FileSystem.FileSystem
  if (!(yield* fs.exists(reports))) return []
  return (yield* fs.readDirectory(reports))
    .filter((name) => name.endsWith(REPORT_ENDING))
    .map((name) => name.slice(0, -REPORT_ENDING.length))
})

/** Ours have one name each; a plugin's has its id, so that names don't clash. */
const fileName = ({ extension, id }: Reporter<FileContent>): string => {
  if (id === "markdown") return "REGISTRY.md"
  return id === extension ? `registry.${extension}` : `registry.${id}.${extension}`
}

/** Whether a name is that of a file or folder where it is put: it can't lead elsewhere, nor is it hidden. */
const isName = (name: string): boolean => /^[\p{L}\p{N}_][^/\\\p{C}]*$/u.test(name)

const misnamed = (reporter: Reporter<FileContent>, name: string): PluginError =>
  new PluginError({
    plugin: reporter.id,
    detail: `its reporter names a file ${JSON.stringify(name)}, which is no name of a file in models.`,
    fix: "Report it to its author: an extension has letters and digits, and pages stay in models.",
  })

/**
 * Writes the registry's files, each completely or not at all, and removes generated pages that no longer belong to it. A page
 * never replaces a file that people wrote, known by the missing mark: that is among the `kept`. Returns those written, and why
 * reporters of plugins failed to render the others. Fails with `PlatformError` where one can't be written.
 */
export const writeRegistry = Effect.fn("RegistryFiles.writeRegistry")(function* (files: ReadonlyArray<RegistryFile>) {
  const fs = yield* FileSystem.FileSystem
  for (const folder of new Set(files.map(({ path }) => dirname(path))))
    yield* fs.makeDirectory(folder, { recursive: true })
  const [pages, large] = [files.filter(({ page }) => page), files.filter(({ page }) => page === undefined)]
  const failed: Array<PluginError> = []
  const write = (file: RegistryFile, content: () => FileContent | Iterable<FileContent>) =>
    unlessItFails(
      failed,
      Effect.suspend(() => Effect.as(writeAtomically(file.path, content()), file)),
    )
  const kept: Array<RegistryFile> = []
  const written = [
    ...(yield* Effect.forEach(large, (file) => write(file, file.parts))),
    ...(yield* Effect.forEach(
      pages,
      (file) =>
        Effect.flatMap(isByHand(file), (byHand) =>
          byHand ? Effect.sync(() => void kept.push(file)) : write(file, file.content),
        ),
      { concurrency: 4 },
    )),
  ]
  for (const path of yield* leftOver(files)) yield* fs.remove(path)
  return { written: written.filter((file) => file !== undefined), kept, failed }
})

/**
 * Compares the files on disk with the records. One that its plugin's reporter can't render differs from its first line on.
 * Fails with `UnreadableFile` or `PlatformError` if one can't be read.
 */
export const checkRegistry = Effect.fn("RegistryFiles.checkRegistry")(function* (
  workspace: Workspace,
  files: ReadonlyArray<RegistryFile>,
) {
  const differences = yield* Effect.forEach(files, ({ content, path }) =>
    Effect.gen(function* () {
      const failed: Array<PluginError> = []
      const shown = relative(workspace.root, path)
      const expected = yield* unlessItFails(failed, Effect.sync(content))
      if (expected === undefined) return { path: shown, line: 1, expected: failed[0]!.message }
      return typeof expected === "string"
        ? firstDifference(shown, expected, yield* readTextIfAny(path, FILE_LIMITS.generated))
        : yield* differentBytes({ path, shown, expected })
    }),
  )
  const surplus = (yield* leftOver(files)).map((path): RegistryDifference => ({
    path: relative(workspace.root, path),
    line: 1,
    found: "a page of nothing that is in the registry",
  }))
  return [...differences.filter((difference) => difference !== undefined), ...surplus]
})

/** The same for a file of bytes, which has no lines. */
const differentBytes = Effect.fnUntraced(function* (file: { path: string; shown: string; expected: Uint8Array }) {
  const found = yield* Effect.result(readBytes(file.path, FILE_LIMITS.generated))
  if (found._tag === "Success" && Buffer.compare(found.success, file.expected) === 0) return undefined
  const { expected, shown } = file
  return { path: shown, line: 1, expected: `${expected.byteLength} bytes with SHA-256 ${sha256Of(expected)}` }
})

const sha256Of = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex")

const joined = (parts: ReadonlyArray<FileContent>): FileContent =>
  parts.every((part) => typeof part === "string")
    ? parts.join("")
    : Buffer.concat(parts.map((part) => Buffer.from(part)))

/** What each generated page begins with. */
const GENERATED = "<!-- Generated, don't edit: run `rigbook registry`. -->"

/** Whether people wrote what stands where a marked page would be. */
const isByHand = Effect.fnUntraced(function* ({ parts, path }: RegistryFile) {
  const [first] = parts()
  if (typeof first !== "string" || !first.startsWith(GENERATED)) return false
  const text = yield* Effect.option(readText(path, FILE_LIMITS.generated))
  return Option.isSome(text) && !text.value.startsWith(GENERATED)
})

/** Generated pages beside REGISTRY.md, and in folders of pages, that are none of these files; nothing where that is not written. */
const leftOver = Effect.fnUntraced(function* (files: ReadonlyArray<RegistryFile>) {
  const fs = yield* FileSystem.FileSystem
  const main = files.find(({ path }) => basename(path) === "REGISTRY.md")
  if (main === undefined) return []
  const known = new Set(files.map(({ path }) => path))
  const folders = [dirname(main.path), join(dirname(main.path), "plots")]
  const found: Array<string> = []
  for (const folder of folders) {
    if (!(yield* fs.exists(folder))) continue
    for (const name of (yield* fs.readDirectory(folder)).toSorted()) {
      const path = join(folder, name)
      if (known.has(path) || !/\.(?:md|svg)$/.test(name)) continue
      const text = yield* Effect.option(readText(path, FILE_LIMITS.generated))
      if (Option.isSome(text) && text.value.startsWith(GENERATED)) found.push(path)
    }
  }
  return found
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
