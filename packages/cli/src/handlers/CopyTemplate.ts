import { Effect, FileSystem } from "effect"
import { dirname, join, relative } from "node:path"
import { TEMPLATE } from "../Template.ts"

/** The files of a new workspace, by their paths from its root. */
export const templateFiles = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const names = (yield* fs.readDirectory(TEMPLATE, { recursive: true })).toSorted()
  return yield* Effect.filter(names, (name) => Effect.map(fs.stat(join(TEMPLATE, name)), ({ type }) => type === "File"))
})

/** Copies those that a workspace does not have; existing files are left unchanged. Gives what was made, from the current folder. */
export const copyMissing = Effect.fn("CopyTemplate.copyMissing")(function* (
  root: string,
  files: ReadonlyArray<string>,
) {
  const fs = yield* FileSystem.FileSystem
  const missing = yield* Effect.filter(files, (file) => Effect.map(fs.exists(join(root, file)), (exists) => !exists))
  for (const file of missing) {
    yield* fs.makeDirectory(dirname(join(root, file)), { recursive: true })
    yield* fs.copyFile(join(TEMPLATE, file), join(root, file))
  }
  return missing.map((file) => relative(process.cwd(), join(root, file)))
})
