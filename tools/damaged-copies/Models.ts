import { sentenceTransformers } from "@rigbook/backend-sentence-transformers"
import { fetchModel } from "@rigbook/core/models"
import { readOutlines, type Workspace } from "@rigbook/records"
import { Effect, FileSystem } from "effect"
import { dirname, join } from "node:path"

/** The folder of a config's model, fetched and unpacked. */
export const modelNamed = Effect.fn("modelNamed")(function* (workspace: Workspace, config: string) {
  const { outlines } = yield* readOutlines(workspace)
  const outline = outlines.find(({ id }) => id === config)
  if (outline === undefined) return yield* Effect.die(new Error(`No valid config is called ${config}.`))
  const { name, path: file, source } = outline
  const runtime = yield* sentenceTransformers.machine!.setup!
  const files = yield* fetchModel(name, source, dirname(join(workspace.root, file)))
  const { path } = yield* sentenceTransformers.files!.prepare(files, runtime)
  return path
})

/** A copy of the folder that takes the largest of each dimension over a text's tokens, where the model was trained with means. */
export const withMaxPooling = Effect.fn("withMaxPooling")(function* (folder: string) {
  const fs = yield* FileSystem.FileSystem
  const copy = yield* fs.makeTempDirectoryScoped()
  for (const name of yield* fs.readDirectory(folder)) {
    if (name !== "1_Pooling") yield* fs.symlink(join(folder, name), join(copy, name))
  }
  yield* fs.makeDirectory(join(copy, "1_Pooling"))
  const settings = JSON.parse(yield* fs.readFileString(join(folder, "1_Pooling/config.json"))) as object
  const damaged = { ...settings, pooling_mode_mean_tokens: false, pooling_mode_max_tokens: true }
  yield* fs.writeFileString(join(copy, "1_Pooling/config.json"), JSON.stringify(damaged))
  return copy
})
