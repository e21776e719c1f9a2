import { textSha256, FILE_LIMITS, readBytes, readText } from "@rigbook/core"
import { differentLines, type Finding } from "@rigbook/records"
import { Effect, Result } from "effect"
import { basename, join, relative } from "node:path"
import { textOfBytes } from "./Documents.ts"
import { IMPORT_FILE, importedOf, importText, readImported } from "./ImportStore.ts"

const STALE = "differs from the imported file; if an earlier version read it, import the file again"

/**
 * Reads the stored file of an import again, and compares it with the import. Fails with
 * `PlatformError` or `UnreadableFile` where import.json can't be read.
 */
export const verifyImport = Effect.fn("VerifyImport.verifyImport")(function* (root: string, folder: string) {
  const place = (file: string) => ({ record: basename(folder), file: relative(root, join(folder, file)) })
  const read = yield* Effect.result(readImported(folder))
  if (Result.isFailure(read)) return [{ ...place(IMPORT_FILE), detail: read.failure.message }] satisfies Array<Finding>
  const imported = read.success
  const bytes = yield* Effect.result(readBytes(join(folder, imported.file), FILE_LIMITS.imported))
  if (Result.isFailure(bytes)) {
    const { detail, missing } = bytes.failure
    return [{ ...place(imported.file), detail: `the imported file ${missing ? "is missing" : detail}` }]
  }
  const text = textOfBytes(bytes.success)
  if (Result.isFailure(text)) return [{ ...place(imported.file), detail: text.failure }]
  const sha256 = textSha256(text.success)
  if (sha256 !== imported.sha256)
    return [
      {
        ...place(imported.file),
        detail: "the file is not the one that was imported",
        expected: `SHA-256 ${imported.sha256}`,
        found: `SHA-256 ${sha256}`,
      },
    ]
  const again = importedOf(text.success, imported.file, imported)
  if (Result.isFailure(again)) return [{ ...place(imported.file), detail: again.failure }]
  const found = yield* readText(join(folder, IMPORT_FILE), FILE_LIMITS.record)
  const expected = yield* importText(again.success)
  return differentLines({ ...place(IMPORT_FILE), detail: STALE }, expected, found)
})
