import { Effect, FileSystem, Option, Schema } from "effect"
import { dirname, join } from "node:path"
import { FILE_LIMITS } from "../../files/FileLimits.ts"
import { readBytes } from "../../files/ReadFile.ts"
import { bad, isPointer, notRead, pointer, textOf, unreadable } from "./FolderFiles.ts"

/** Names the files that belong together if the weights are split into several. */
const INDEX = "model.safetensors.index.json"

const decodeIndex = Schema.decodeUnknownOption(
  Schema.fromJsonString(Schema.Struct({ weight_map: Schema.Record(Schema.String, Schema.NonEmptyString) })),
)

/**
 * Names of all files in a folder and in the folders directly in it: a model has none further down, and a folder that is
 * no model may hold millions. Fails with `BadModel` if there is no such folder.
 */
export const filesIn = Effect.fn("WeightFiles.filesIn")(function* (folder: string) {
  const fs = yield* FileSystem.FileSystem
  const top = yield* fs
    .readDirectory(folder)
    .pipe(Effect.mapError(() => bad(`No folder ${folder}.`, "Check the path in the config's source.")))
  const below = yield* Effect.forEach(top, (name) =>
    fs.readDirectory(join(folder, name)).pipe(
      Effect.map((inside) => inside.map((file) => join(name, file))),
      Effect.orElseSucceed((): Array<string> => []), // a file, or a folder of another user
    ),
  )
  return [...top, ...below.flat()]
})

/**
 * The safetensors files among those of a folder: at its top, or in `first`, the folder of its first module, and in
 * those of the other modules (such as `2_Dense`). Fails with `BadModel`, which says what the folder holds instead.
 */
export const weightFiles = Effect.fn("WeightFiles.weightFiles")(function* (
  folder: string,
  names: ReadonlyArray<string>,
  first: string,
) {
  const found = names.filter((name) => /^(\d+_[^/]+\/)?[^/]+\.safetensors$/.test(name)).toSorted()
  const instead = found.length === 0 ? otherWeights(folder, names) : undefined
  if (instead !== undefined) return yield* bad(instead.detail, instead.fix)
  if (found.length === 0)
    return yield* bad(`No *.safetensors file in ${folder}.`, "Name the folder that holds the weights.")
  const named = join(first, INDEX)
  if (!names.includes(named)) return found.map((name) => join(folder, name))
  // Other files beside them may hold the same weights again, in another format.
  const index = Option.getOrUndefined(decodeIndex(yield* textOf(join(folder, named))))
  if (index === undefined) return yield* bad(`${join(folder, named)} has no weight_map of names to files.`)
  const indexed = [...new Set(Object.values(index.weight_map))].toSorted().map((name) => join(first, name))
  const missing = indexed.filter((name) => !found.includes(name))
  if (missing.length > 0) return yield* bad(`${folder} is missing ${missing.join(", ")}, which ${INDEX} names.`)
  const beside = found.filter((name) => name.includes("/") && dirname(name) !== first)
  return [...indexed, ...beside].map((name) => join(folder, name))
})

/**
 * Other files that affect a model's answers: configuration, tokenizer, pooling. Fails with `BadModel` if one was not
 * downloaded.
 */
export const settingFiles = Effect.fn("WeightFiles.settingFiles")(function* (
  folder: string,
  names: ReadonlyArray<string>,
) {
  const fs = yield* FileSystem.FileSystem
  const files = names
    .filter((name) => /^(\d+_[^/]+\/)?[^/]+\.(json|txt|model|jinja)$/.test(name))
    .map((name) => join(folder, name))
  for (const file of files) {
    const { size } = yield* Effect.mapError(fs.stat(file), unreadable(file))
    if (size > POINTER_BYTES) continue
    if (isPointer(yield* Effect.mapError(readBytes(file, FILE_LIMITS.modelSettings), notRead)))
      return yield* pointer(file)
  }
  return files
})

/** No Git LFS pointer is longer. */
const POINTER_BYTES = 1024

/** Weights in other formats: their file names, the format, and what to do. The first match is reported. */
const OTHERS: ReadonlyArray<readonly [name: RegExp, format: string, fix: string]> = [
  [
    /\.gguf$/,
    "GGUF",
    "Name the file itself as the source's path, for the backend llamacpp; or download the model's safetensors files.",
  ],
  [
    /(^|\/)pytorch_model[^/]*\.bin$|\.(pt|pth|ckpt)$/,
    "PyTorch's own format",
    "Convert it to safetensors once, and name that folder: SentenceTransformer(folder).save_pretrained(other), or for a language model AutoModelForCausalLM.from_pretrained(folder).save_pretrained(other).",
  ],
  [/\.onnx$/, "ONNX", "Use the backend onnxruntime, or download the model's safetensors files, too."],
  [/(^|\/)openvino_model[^/]*\.(xml|bin)$/, "OpenVINO", "Download the model's safetensors files, too."],
  [
    /(^|\/)(tf_model\.h5|flax_model\.msgpack|rust_model\.ot)$/,
    "another framework's format",
    "Download its safetensors.",
  ],
]

/** What `where` holds in place of safetensors files; `undefined` if there are no weights at all. Pure. */
export const otherWeights = (
  where: string,
  names: ReadonlyArray<string>,
): { readonly detail: string; readonly fix: string } | undefined => {
  for (const [pattern, format, fix] of OTHERS) {
    const found = names.filter((name) => pattern.test(name)).toSorted()
    const more = found.length > 3 ? ` and ${found.length - 3} more` : ""
    if (found.length > 0)
      return { detail: `${where} holds its weights in ${format} only (${found.slice(0, 3).join(", ")}${more}).`, fix }
  }
  return undefined
}
