import { Effect, FileSystem, Option, Schema } from "effect"
import { basename } from "node:path"
import { FILE_LIMITS } from "../../files/FileLimits.ts"
import { readText } from "../../files/ReadFile.ts"
import type { UnreadableFile } from "../../files/UnreadableFile.ts"
import { BadModel } from "../../runtime/BackendError.ts"

export type JsonObject = Readonly<Record<string, unknown>>
/** What settings give as a number of something; zero stands for none. */
export const isCount = Schema.is(Schema.Int.check(Schema.isGreaterThan(0)))
const decodeObject = Schema.decodeUnknownOption(Schema.fromJsonString(Schema.Record(Schema.String, Schema.Unknown)))

export const bad = (
  detail: string,
  fix = "Download the model again; if its files are still the same, its source is corrupt.",
): BadModel => new BadModel({ detail, fix })

export const unreadable = (path: string) => (cause: { readonly message: string }) =>
  bad(`${basename(path)} can't be read: ${cause.message}.`, "Check its permissions and the disk.")

export const notRead = ({ detail, fix, path }: UnreadableFile): BadModel => bad(`${path} ${detail}.`, fix)

/** The beginning of files that Git LFS leaves in place of large ones; see its specification. */
const POINTER = "version https://git-lfs.github.com/spec/"

/** Whether these are the first bytes of a pointer: eight of them are enough. */
export const isPointer = (start: Uint8Array): boolean =>
  start.length >= 8 && POINTER.startsWith(Buffer.from(start.subarray(0, POINTER.length)).toString("latin1"))

export const pointer = (path: string): BadModel =>
  bad(
    `${path} is a pointer of Git LFS: the file itself was not downloaded.`,
    "Run `git lfs install` and `git lfs pull` in its folder, or download the model again.",
  )

export const textOf = Effect.fnUntraced(function* (file: string) {
  const text = yield* Effect.mapError(readText(file, FILE_LIMITS.modelSettings), notRead)
  return text.startsWith(POINTER) ? yield* pointer(file) : text
})

/** The text of an optional file. */
export const optionalText = Effect.fnUntraced(function* (file: string) {
  const fs = yield* FileSystem.FileSystem
  return (yield* Effect.mapError(fs.exists(file), unreadable(file))) ? yield* textOf(file) : undefined
})

/**
 * The object in an optional JSON file; `undefined` if there is none. Fails with `BadModel` if the file can't be read, holds something
 * else, or is a pointer of Git LFS.
 */
export const jsonFile = Effect.fnUntraced(function* (file: string) {
  const text = yield* optionalText(file)
  if (text === undefined) return undefined
  const object: JsonObject | undefined = Option.getOrUndefined(decodeObject(text))
  return object ?? (yield* bad(`${file} is not a JSON object.`))
})
