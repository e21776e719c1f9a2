import {
  type CellSpec,
  type HostAway,
  LaunchError,
  type LaunchTarget,
  type LaunchUnit,
  type MissingFile,
  type ModelSource,
  referenceOf,
  textSha256,
} from "@rigbook/core"
import { findWorkspace } from "@rigbook/records"
import { Effect, FileSystem, Schema } from "effect"
import { existsSync, readdirSync, statSync } from "node:fs"
import { basename, dirname, isAbsolute, join, relative, resolve } from "node:path"
import { join as joinThere } from "node:path/posix"
import type { Far } from "./Far.ts"
import { decoded } from "./Remote.ts"

/** A file or folder of a model, here and there. */
interface ModelFile {
  /** As the config names it. */
  readonly path: string
  readonly here: string
  readonly there: string
  /** Where it is kept there by its model's hash; left out for one outside of the workspace, which is not copied. */
  readonly kept?: string
  readonly bytes: number
}

/** A file or folder there: where it really lies, past all links, and its size; `null` for what is not there. */
interface FileThere {
  readonly place: string
  readonly bytes: number
}
const FilesThere = Schema.Array(
  Schema.NullOr(Schema.Struct({ place: Schema.String, bytes: Schema.Finite })),
) as Schema.Codec<ReadonlyArray<FileThere | null>, unknown>

const filesThere = (far: Far, paths: ReadonlyArray<string>) =>
  Effect.flatMap(far.ask("files", paths), decoded(far.host, FilesThere))

/** Files of the unit's models that are not there, or are others. */
export const missingFiles = Effect.fn("Place.missingFiles")(function* (
  far: Far,
  unit: LaunchUnit,
  { root }: LaunchTarget["workspace"],
) {
  const files = modelFilesOf(far, unit, root)
  if (files.length === 0) return []
  const found = yield* filesThere(
    far,
    files.flatMap(({ kept, there }) => [there, kept ?? there]),
  )
  return files.flatMap((file, at) => {
    const [there, kept] = [found[2 * at], found[2 * at + 1]]
    // A copy that is kept is known by its hash: another model may be as large.
    const isSame = file.kept === undefined || there?.place === kept?.place
    // A model that only the other machine has is planned and checked there.
    if ((isSame && there?.bytes === file.bytes) || (there !== null && file.bytes === 0)) return []
    return [{ ...file, isKept: file.kept !== undefined && kept?.bytes === file.bytes }]
  })
})

/** The same for people: what would be copied. */
export const shownMissing = (
  files: ReadonlyArray<ModelFile & { readonly isKept: boolean }>,
): ReadonlyArray<MissingFile> => files.filter(({ isKept }) => !isKept).map(({ bytes, path }) => ({ path, bytes }))

/** Brings there what a unit needs beside the program: the workspace's settings, prompts and datasets, and models. */
export const placeUnit = Effect.fn("Place.placeUnit")(function* (
  far: Far,
  unit: LaunchUnit,
  workspace: LaunchTarget["workspace"],
): Effect.fn.Return<void, LaunchError | HostAway, FileSystem.FileSystem> {
  yield* placeTexts(far, unit, workspace.root)
  for (const { bytes, here, isKept, kept, path, there } of yield* missingFiles(far, unit, workspace)) {
    if (kept === undefined || bytes === 0)
      return yield* new LaunchError({
        host: far.host,
        detail: `it does not have the model ${path}.`,
        fix: "Copy it to the same path there, or move it into the workspace: those are copied.",
      })
    if (!isKept) {
      const folder = dirname(kept)
      const incoming = `${folder}.new-${process.pid}`
      yield* far.remote.run(["mkdir", "-p", incoming, folder])
      yield* far.remote.push(dirname(here), [basename(here)], incoming, false)
      yield* far.remote.run([
        "sh",
        "-c",
        'rm -rf "$2" && mv "$1" "$2" && rm -rf "$3"',
        "mv",
        joinThere(incoming, basename(here)),
        kept,
        incoming,
      ])
    }
    yield* far.ask("link", { path: there, target: kept })
  }
})

/** Settings, prompts and datasets: they are small, and sent together whenever one of them has changed. */
const placeTexts = Effect.fnUntraced(function* (far: Far, unit: LaunchUnit, root: string) {
  const { config } = yield* Effect.mapError(
    findWorkspace(root),
    ({ message }) =>
      new LaunchError({ host: far.host, detail: message, fix: "Correct it, and run the command again." }),
  )
  const own = unit.cells.flatMap(({ order: { spec } }) => spec.prompts.file ?? [])
  const outside = own.find((file) => isAbsolute(file) || relative(root, resolve(root, file)).startsWith(".."))
  if (outside !== undefined)
    return yield* new LaunchError({
      host: far.host,
      detail: `the prompts ${outside} are outside of the workspace.`,
      fix: "Move them into it.",
    })
  const folders = ["benchmarks/configs/prompts", "benchmarks/configs/datasets"]
  const files = [...new Set([...folders.flatMap((folder) => filesIn(root, folder)), ...own])]
  // Plugins come with the program, and only this machine renders.
  const settings = JSON.stringify({
    rigbook: config.rigbook,
    ...(config.backends === undefined ? {} : { backends: config.backends }),
  })
  const stats = files.map((file) => [file, statSync(join(root, file)).size, statSync(join(root, file)).mtimeMs])
  const stamp = joinThere(far.root, `.placed-${textSha256(JSON.stringify([settings, stats])).slice(0, 16)}`)
  const [placed] = yield* filesThere(far, [stamp])
  if (placed !== null) return
  const fs = yield* FileSystem.FileSystem
  const staged = yield* Effect.orDie(fs.makeTempDirectoryScoped({ prefix: "rigbook-" }))
  const write = (path: string, text: string) => Effect.orDie(fs.writeFileString(path, text))
  yield* write(join(staged, "rigbook.yaml"), `${settings}\n`)
  for (const file of files) {
    yield* Effect.orDie(fs.makeDirectory(dirname(join(staged, file)), { recursive: true }))
    yield* Effect.orDie(fs.symlink(join(root, file), join(staged, file)))
  }
  yield* write(join(staged, basename(stamp)), "")
  yield* far.remote.run(["sh", "-c", 'mkdir -p "$1" && rm -f "$1"/.placed-*', "mkdir", far.root])
  yield* far.remote.push(staged, ["rigbook.yaml", ...files, basename(stamp)], far.root)
}, Effect.scoped)

const filesIn = (root: string, folder: string): ReadonlyArray<string> =>
  existsSync(join(root, folder))
    ? readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => relative(root, join(entry.parentPath, entry.name)))
        .toSorted()
    : []

const modelFilesOf = (far: Far, { cells }: LaunchUnit, root: string): ReadonlyArray<ModelFile> => {
  const files = cells.flatMap(({ order: { spec } }) => {
    const { model, reference, scenario, source } = spec
    const compared = referenceOf(scenario)
    return [
      ...filesOf(far, spec, root, source, model.sha256),
      ...(compared === undefined ? [] : filesOf(far, spec, root, compared, reference?.sha256 ?? model.sha256)),
    ]
  })
  return [...new Map(files.map((file) => [file.there, file])).values()]
}

const filesOf = (
  far: Far,
  { config }: CellSpec,
  root: string,
  source: ModelSource,
  sha256: string,
): ReadonlyArray<ModelFile> => {
  const named = "quantized" in source ? source.quantized.from : source
  if (!("path" in named)) return [] // it is fetched there, as it was here
  const folder = join(root, dirname(config.path))
  return partsOf(resolve(folder, named.path)).map((here) => {
    const inside = relative(root, here)
    const isInside = !isAbsolute(named.path) && !inside.startsWith("..")
    const path = here === resolve(folder, named.path) ? named.path : join(dirname(named.path), basename(here))
    const bytes = sizeOf(here)
    return isInside
      ? {
          path,
          here,
          bytes,
          there: joinThere(far.root, inside),
          kept: joinThere(far.home, "models", sha256, basename(here)),
        }
      : { path, here, bytes, there: here }
  })
}

/** The files of a GGUF in parts, of which a config names the first. */
const partsOf = (path: string): ReadonlyArray<string> => {
  const [, start, of] = /^(.*)-00001-of-(\d{5}\.gguf)$/.exec(path) ?? []
  if (start === undefined || of === undefined) return [path]
  return Array.from(
    { length: Number.parseInt(of, 10) },
    (_, at) => `${start}-${String(at + 1).padStart(5, "0")}-of-${of}`,
  )
}

/** Bytes of a file, or of all files of a folder; 0 for what is not here. */
const sizeOf = (path: string): number => {
  if (!existsSync(path)) return 0
  const stat = statSync(path)
  if (!stat.isDirectory()) return stat.size
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() || entry.isSymbolicLink())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)
}
