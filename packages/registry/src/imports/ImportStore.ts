import { type Exit, Imported, textSha256, FILE_LIMITS, readBytes, readText } from "@rigbook/core"
import { writeAtomically } from "@rigbook/records"
import { DateTime, Effect, FileSystem, Result, Schema } from "effect"
import { basename, extname, join } from "node:path"
import { textOfBytes } from "./Documents.ts"
import { readImport } from "./ReadImport.ts"

/** What was read from an imported file, beside that file. */
export const IMPORT_FILE = "import.json"

const decodeImported = Schema.decodeUnknownEffect(Schema.fromJsonString(Imported))
const encodeImported = Schema.encodeEffect(Imported)

/** A file that can't be imported, or an import that can't be read. */
export class BadImport extends Schema.TaggedError<BadImport>()("BadImport", {
  path: Schema.String,
  detail: Schema.String,
}) {
  get exit(): Exit {
    return "failed"
  }

  override get message(): string {
    return `${this.path}: ${this.detail}`
  }
}

/** The import of a file's text. Pure: the stored file gives the same again. */
export const importedOf = (
  text: string,
  name: string,
  { importedAt, model }: Pick<Imported, "importedAt" | "model">,
): Result.Result<Imported, string> =>
  Result.map(readImport(text), (file) => {
    const sha256 = textSha256(text)
    const id = `${file.tool.replace(/[^A-Za-z0-9]+/g, "-").toLowerCase()}-${sha256.slice(0, 12)}`
    const kept = `source${extname(name) === ".jsonl" ? ".jsonl" : ".json"}`
    const named = model === undefined ? {} : { model }
    return { schema: 1, id, importedAt, file: kept, sha256, ...named, ...file }
  })

/**
 * Imports another tool's file: its figures, and beside them the file itself. The same file is imported once. Fails with
 * `BadImport` if it has no tool's results, with `PlatformError` if the copy can't be written.
 */
export const importFile = Effect.fn("ImportStore.importFile")(function* (folder: string, path: string, model?: string) {
  const fs = yield* FileSystem.FileSystem
  const bytes = yield* Effect.mapError(
    readBytes(path, FILE_LIMITS.imported),
    ({ detail, fix }) => new BadImport({ path, detail: `this file ${detail}. ${fix}` }),
  )
  const text = yield* Effect.mapError(
    Effect.fromResult(textOfBytes(bytes)),
    (detail) => new BadImport({ path, detail }),
  )
  const importedAt = DateTime.formatIso(yield* DateTime.now)
  const read = importedOf(text, basename(path), { importedAt, ...(model === undefined ? {} : { model }) })
  if (Result.isFailure(read)) return yield* new BadImport({ path, detail: read.failure })
  const imported = read.success
  const own = join(folder, imported.id)
  const kept = (yield* fs.exists(join(own, IMPORT_FILE))) ? yield* readImported(own) : undefined
  if (kept !== undefined) {
    // An earlier version may have read it differently: its figures are written again, its time of import is kept.
    const again = {
      ...(kept.model === undefined ? {} : { model: kept.model }),
      ...imported,
      importedAt: kept.importedAt,
    }
    yield* writeAtomically(join(own, IMPORT_FILE), yield* importText(again))
    return { imported: again, isNew: false }
  }
  yield* fs.makeDirectory(own, { recursive: true })
  yield* fs.writeFile(join(own, imported.file), bytes)
  yield* writeAtomically(join(own, IMPORT_FILE), yield* importText(imported))
  return { imported, isNew: true }
})

/** An import as import.json holds it. */
export const importText = Effect.fnUntraced(function* (imported: Imported) {
  return `${JSON.stringify(yield* Effect.orDie(encodeImported(imported)), null, 2)}\n`
})

/** The folders of imports, by name. Fails with `PlatformError` where `folder` can't be read. */
export const importFolders = Effect.fnUntraced(function* (folder: string) {
  const fs = yield* FileSystem.FileSystem
  if (!(yield* fs.exists(folder))) return []
  const paths = (yield* fs.readDirectory(folder)).toSorted().map((name) => join(folder, name))
  return yield* Effect.filter(paths, (path) => fs.exists(join(path, IMPORT_FILE)))
})

/** All imports of a workspace, and those that can't be read. Fails with `PlatformError` where a file can't be read. */
export const readImports = Effect.fn("ImportStore.readImports")(function* (folder: string) {
  const imported: Array<Imported> = []
  const broken: Array<BadImport> = []
  for (const one of yield* importFolders(folder))
    yield* readImported(one).pipe(
      Effect.map((read) => void imported.push(read)),
      Effect.catchTag("BadImport", (error) => Effect.sync(() => void broken.push(error))),
    )
  return { imported, broken }
})

/**
 * The import of a folder. Fails with `BadImport` where import.json is none, or can't be read.
 */
export const readImported = Effect.fnUntraced(function* (folder: string) {
  const path = join(folder, IMPORT_FILE)
  const text = yield* Effect.mapError(
    readText(path, FILE_LIMITS.record),
    ({ detail, fix }) => new BadImport({ path, detail: `not an import: the file ${detail}. ${fix}` }),
  )
  return yield* Effect.mapError(
    decodeImported(text),
    (error) => new BadImport({ path, detail: `not an import: ${error.message.split("\n")[0]!}` }),
  )
})
