import { Effect, FileSystem } from "effect"
import { join } from "node:path"
import type { Note } from "./Note.ts"

/** The notes of a workspace: one markdown file a model, named by the config's id. Fails with `PlatformError` where one can't be read. */
export const readNotes = Effect.fn("ReadNotes.readNotes")(function* (folder: string) {
  const fs = yield* FileSystem.FileSystem
  if (!(yield* fs.exists(folder))) return []
  const names = (yield* fs.readDirectory(folder))
    .filter((name) => name.endsWith(".md") && name !== "README.md")
    .toSorted()
  return yield* Effect.forEach(names, (name) =>
    Effect.map(fs.readFileString(join(folder, name)), (text): Note => ({
      model: name.slice(0, -3),
      path: `models/notes/${name}`,
      text,
    })),
  )
})
