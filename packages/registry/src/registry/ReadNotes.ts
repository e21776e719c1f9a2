import { FILE_LIMITS, type Note, NoteHead, readText, type UnreadableFile } from "@rigbook/core"
import { type ConfigIssue, decodeAt, parseConfigFile } from "@rigbook/records"
import { Effect, FileSystem, Result } from "effect"
import { join } from "node:path"

/**
 * The notes of a workspace: one markdown file per model, named by the config's id. A note whose head can't be read is
 * shown completely, and its problem reported; one that can't be read is left out, and reported too. Fails with
 * `PlatformError` if their folder can't be read.
 */
export const readNotes = Effect.fn("ReadNotes.readNotes")(function* (folder: string) {
  const fs = yield* FileSystem.FileSystem
  if (!(yield* fs.exists(folder))) return { notes: [], issues: [] }
  const names = (yield* fs.readDirectory(folder))
    .filter((name) => name.endsWith(".md") && name !== "README.md")
    .toSorted()
  const parsed = yield* Effect.forEach(names, (name) =>
    Effect.match(readText(join(folder, name), FILE_LIMITS.note), {
      onSuccess: (text) => parseNote(name.slice(0, -3), text),
      onFailure: (error) => unread(name, error),
    }),
  )
  return { notes: parsed.flatMap(({ note }) => note ?? []), issues: parsed.flatMap(({ issues }) => issues) }
})

const unread = (name: string, { detail, fix }: UnreadableFile) => {
  const issue: ConfigIssue = {
    file: `models/notes/${name}`,
    line: 1,
    column: 1,
    path: "",
    message: `it ${detail}. ${fix}`,
  }
  return { note: undefined, issues: [issue] }
}

/** Pure part of `readNotes`, for one file. */
export const parseNote = (
  model: string,
  text: string,
): { readonly note: Note; readonly issues: ReadonlyArray<ConfigIssue> } => {
  const path = `models/notes/${model}.md`
  const [whole, yaml] = HEAD.exec(text) ?? []
  if (whole === undefined || yaml === undefined) return { note: { model, path, text }, issues: [] }
  // The line of dashes above it counts.
  const file = parseConfigFile(`\n${yaml}`, path)
  const decoded = file.syntax.length > 0 ? Result.fail(file.syntax) : decodeAt(file, [], NoteHead, file.value ?? {})
  return Result.isSuccess(decoded)
    ? { note: { ...decoded.success, model, path, text: text.slice(whole.length) }, issues: [] }
    : { note: { model, path, text }, issues: decoded.failure }
}

const HEAD = /^---[ \t]*\r?\n([\s\S]*?)\r?\n---[ \t]*(?:\r?\n|$)/
