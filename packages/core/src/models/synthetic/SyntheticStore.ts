import { Effect, FileSystem } from "effect"
import { dirname, join } from "node:path"
import { cacheFolder, lockHash } from "../../engine/install/CacheFolder.ts"
import { installOnce } from "../../engine/install/Install.ts"
import type { ModelFiles } from "../../model/Model.ts"
import type { SyntheticModel } from "../../model/SyntheticModel.ts"
import { writeOutline } from "../formats/Outline.ts"
import { ggufFile, ggufOutline } from "./GgufFile.ts"
import { folderFiles, outlineFiles, safetensorsFile } from "./SafetensorsFolder.ts"
import { fileBytes, writeWeights } from "./WeightsFile.ts"

/** Increment when the same description gives other files. */
const versionOf = ({ architecture, format }: SyntheticModel): string => {
  if (format === "gguf") return "3"
  return architecture === "llama" ? "2" : "1"
}

/**
 * Files with random weights in the shape of a model, created if they don't exist yet. Fails with `SetupError` if there
 * is too little space for them, with `PlatformError` if they can't be written.
 */
export const makeSynthetic = Effect.fn("SyntheticStore.makeSynthetic")(function* (name: string, model: SyntheticModel) {
  const folder = folderOf(model, "weights")
  yield* installOnce(folder, (partial) =>
    model.format === "gguf"
      ? Effect.andThen(makeFolder(partial), writeWeights(name, join(partial, GGUF), ggufFile(model)))
      : Effect.andThen(
          writeJson(partial, folderFiles(model)),
          writeWeights(name, join(partial, SAFETENSORS), safetensorsFile(model)),
        ),
  )
  return filesOf(model, folder)
})

/**
 * The same files for planning: their headers are complete, their weights are sparse, and they take almost no space.
 * Fails with `PlatformError`.
 */
export const outlineSynthetic = Effect.fn("SyntheticStore.outlineSynthetic")(function* (model: SyntheticModel) {
  const folder = folderOf(model, "outline")
  yield* installOnce(folder, (partial) => {
    if (model.format === "gguf")
      return Effect.andThen(
        makeFolder(partial),
        writeOutline(join(partial, GGUF), ggufOutline(model), fileBytes(ggufFile(model))),
      )
    const weights = safetensorsFile(model)
    return Effect.andThen(
      writeJson(partial, outlineFiles(model)),
      writeOutline(join(partial, SAFETENSORS), weights.header, fileBytes(weights)),
    )
  })
  return filesOf(model, folder)
})

const GGUF = "model.gguf"
const SAFETENSORS = "model.safetensors"

const filesOf = ({ format }: SyntheticModel, folder: string): ModelFiles => ({
  path: format === "gguf" ? join(folder, GGUF) : folder,
})

const folderOf = (model: SyntheticModel, what: "weights" | "outline"): string =>
  join(cacheFolder(), "models", `synthetic-${what}-${lockHash(versionOf(model), JSON.stringify(model))}`)

const makeFolder = (path: string) =>
  Effect.flatMap(FileSystem.FileSystem, (fs) => fs.makeDirectory(path, { recursive: true }))

const writeJson = Effect.fnUntraced(function* (folder: string, files: Readonly<Record<string, unknown>>) {
  const fs = yield* FileSystem.FileSystem
  for (const [name, content] of Object.entries(files)) {
    yield* fs.makeDirectory(dirname(join(folder, name)), { recursive: true })
    yield* fs.writeFileString(join(folder, name), JSON.stringify(content))
  }
})
