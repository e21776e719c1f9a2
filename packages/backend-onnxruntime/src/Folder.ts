import { BadModel } from "@rigbook/core"
import { jsonFile, sentenceModules } from "@rigbook/core/models"
import { Effect, FileSystem } from "effect"
import { dirname, join } from "node:path"

/** An ONNX file, and the folder that has its tokenizer and settings. */
export interface OnnxFolder {
  readonly model: string
  readonly settings: string
}

/** Where exporters put the file: Optimum beside the settings, repositories with several formats in a folder of its own. */
const PLACES = ["", "onnx"]

/** Finds the file of a folder, or the folder of a file. Fails with `BadModel` if one is missing, or there are several. */
export const findOnnx = Effect.fn("Folder.findOnnx")(function* (path: string) {
  const fs = yield* FileSystem.FileSystem
  const has = (file: string) => fs.exists(file).pipe(Effect.orElseSucceed(() => false))
  const isFile = path.endsWith(".onnx")
  if (!(yield* has(path))) return yield* bad(`There is no ${path}.`)
  const near = isFile ? [dirname(path), dirname(dirname(path))] : [path]
  const settings = yield* Effect.findFirst(near, (folder) => has(join(folder, "tokenizer.json")))
  if (settings._tag === "None") return yield* bad(`There is no tokenizer.json in ${near.join(" or ")}.`)
  if (isFile) return { model: path, settings: settings.value } satisfies OnnxFolder
  for (const place of PLACES) {
    const names = yield* fs.readDirectory(join(path, place)).pipe(Effect.orElseSucceed((): Array<string> => []))
    const models = names.filter((name) => name.endsWith(".onnx")).toSorted()
    const name = models.find((each) => each === "model.onnx") ?? (models.length === 1 ? models[0] : undefined)
    if (name !== undefined) return { model: join(path, place, name), settings: path } satisfies OnnxFolder
    if (models.length > 1)
      return yield* bad(
        `${join(path, place)} has several ONNX files: ${models.join(", ")}.`,
        "Name one of them as the source.",
      )
  }
  return yield* bad(`${path} has no ONNX file.`, "Export the model: see python/export.py of this package.")
})

/** How vectors of tokens become that of a text, and whether it is scaled to length 1, by the files of sentence-transformers. */
export interface Pooling {
  readonly mode: "mean" | "cls"
  /** The files don't say. */
  readonly assumed: boolean
  readonly normalize: boolean
}

/**
 * Reads modules.json, for a graph whose output has so many dimensions: with two, it has pooled and has its modules in it. Fails with
 * `BadModel` for a pooling or a module that is neither in the graph nor known here.
 */
export const readPooling = Effect.fn("Folder.readPooling")(function* (folder: string, outputRank: number | undefined) {
  const modules = yield* sentenceModules(folder)
  const kinds = modules.map(({ path, type }) => ({ path, kind: type.slice(type.lastIndexOf(".") + 1) }))
  const normalize = kinds.some(({ kind }) => kind === "Normalize")
  if (outputRank === 2) return { mode: "mean", assumed: false, normalize } satisfies Pooling
  const strange = kinds.find(({ kind }) => !["Transformer", "Pooling", "Normalize"].includes(kind))
  if (strange !== undefined)
    return yield* bad(
      `${join(folder, "modules.json")} has a module ${strange.kind}, which is not part of the ONNX graph.`,
      "Export the model with its modules, so that the graph gives the vector of a text.",
    )
  const pooling = kinds.find(({ kind }) => kind === "Pooling")
  if (pooling === undefined) return { mode: "mean", assumed: true, normalize } satisfies Pooling
  const settings = join(folder, pooling.path, "config.json")
  const config = yield* jsonFile(settings)
  if (config === undefined) return yield* bad(`There is no ${settings}, which modules.json names.`)
  const old = Object.keys(config).filter((key) => key.startsWith("pooling_mode_") && config[key] === true)
  const named = config["pooling_mode"] ?? old.map((key) => OLD_NAMES[key] ?? key).join("+")
  if (named !== "mean" && named !== "cls")
    return yield* bad(
      `${settings} pools by ${typeof named === "string" ? named : JSON.stringify(named)}: mean and cls are known.`,
    )
  return { mode: named, assumed: false, normalize } satisfies Pooling
})

const OLD_NAMES: Readonly<Record<string, string>> = {
  pooling_mode_mean_tokens: "mean",
  pooling_mode_cls_token: "cls",
}

/** That the files can't be used, and what to do. */
export const bad = (
  detail: string,
  fix = "Name a folder that has the ONNX file, tokenizer.json and config.json, or the ONNX file in it.",
): BadModel => new BadModel({ detail, fix })
