import { Effect, FileSystem } from "effect"
import { dirname, join } from "node:path"
import { type Workspace, workspaceAt } from "../../src/workspace/Workspace.ts"

/** Writes a file, its folder first. */
export const put = Effect.fnUntraced(function* (path: string, text: string) {
  const fs = yield* FileSystem.FileSystem
  yield* fs.makeDirectory(dirname(path), { recursive: true })
  yield* fs.writeFileString(path, text)
})

/** A workspace in a folder of its own, which goes when the scope closes. `files` by their paths inside it. */
export const fakeWorkspace = Effect.fnUntraced(function* (files: Readonly<Record<string, string>> = {}) {
  const fs = yield* FileSystem.FileSystem
  const root = yield* fs.makeTempDirectoryScoped({ prefix: "rigbook-test-" })
  const workspace: Workspace = workspaceAt(root, { rigbook: 1 })
  yield* Effect.forEach(Object.entries({ "rigbook.yaml": "rigbook: 1\n", ...files }), ([path, text]) =>
    put(join(root, path), text),
  )
  return workspace
})
