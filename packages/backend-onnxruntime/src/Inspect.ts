import { ModelFacts, type ModelFiles } from "@rigbook/core"
import { fileSha256, folderFacts, sentenceModules } from "@rigbook/core/models"
import { Effect, FileSystem } from "effect"
import { createHash } from "node:crypto"
import { dirname, join, relative } from "node:path"
import { bad, findOnnx, readPooling } from "./Folder.ts"
import { type OnnxTensor, readOnnxHeader } from "./OnnxHeader.ts"

/** Types of weights by ONNX's numbers (TensorProto.DataType): their names in safetensors, and bits. Others are indices and flags. */
const WEIGHTS: Readonly<Record<number, readonly [name: string, bits: number]>> = {
  1: ["F32", 32],
  2: ["U8", 8],
  3: ["I8", 8],
  10: ["F16", 16],
  11: ["F64", 64],
  16: ["BF16", 16],
  21: ["U4", 4],
  22: ["I4", 4],
  25: ["U2", 2],
}
const OTHER_BITS: Readonly<Record<number, number>> = { 6: 32, 7: 64, 9: 8 }

/** Files beside the graph that change the answers, with the config.json of each module. */
const SETTINGS = [
  "config.json",
  "config_sentence_transformers.json",
  "modules.json",
  "sentence_bert_config.json",
  "tokenizer.json",
  "tokenizer_config.json",
]

/** What the model is: the graph's tensors, counted without reading them, and the settings beside it. Fails with `BadModel`. */
export const inspectOnnx = Effect.fn("Inspect.inspectOnnx")(function* ({ headersOnly = false, path }: ModelFiles) {
  const fs = yield* FileSystem.FileSystem
  const { model, settings } = yield* findOnnx(path)
  const { outputRank, tensors } = yield* headerOf(model)
  const named = yield* folderFacts(settings)
  yield* readPooling(settings, outputRank)
  const weights = tensors.filter(({ scales, type }) => type in WEIGHTS && scales !== true)
  const parameters = sum(weights.map(({ elements }) => elements))
  if (parameters === 0) return yield* bad(`${model} has no weights.`)
  const weightBytes = sum(tensors.map(bytesOf))
  const types = typesOf(weights)
  const external = [...new Set(tensors.flatMap(({ external }) => external ?? []))].map((name) =>
    join(dirname(model), name),
  )
  const sizes = yield* Effect.forEach([model, ...external], (file) =>
    Effect.mapBoth(fs.stat(file), {
      onSuccess: ({ size }) => Number(size),
      onFailure: () => bad(`There is no ${file}.`),
    }),
  )
  const modules = (yield* sentenceModules(settings)).map((module) => join(module.path, "config.json"))
  const beside = yield* Effect.filter([...new Set([...SETTINGS, ...modules])], (name) =>
    Effect.orElseSucceed(fs.exists(join(settings, name)), () => false),
  )
  const hashed = [...(headersOnly ? [] : [model, ...external]), ...beside.map((name) => join(settings, name))]
  const hashes = yield* Effect.forEach(hashed, (file) =>
    Effect.mapBoth(fileSha256(file), {
      onSuccess: (hash) => `${relative(settings, file)} ${hash}`,
      onFailure: (cause) => bad(`${file} can't be read: ${"detail" in cause ? cause.detail : cause.message}.`),
    }),
  )
  return new ModelFacts({
    format: "onnx",
    ...named,
    parameters,
    quantization: types.toSorted((a, b) => b.parameters - a.parameters)[0]!.type,
    bitsPerWeight: (8 * weightBytes) / parameters,
    weightBytes,
    types,
    fileBytes: sum(sizes),
    sha256: createHash("sha256").update(hashes.toSorted().join("\n")).digest("hex"),
  })
})

/** The structure of an ONNX file. Fails with `BadModel`. */
export const headerOf = (model: string) =>
  Effect.tryPromise({
    try: () => readOnnxHeader(model),
    catch: (cause) => bad(`${model} can't be read: ${cause instanceof Error ? cause.message : String(cause)}.`),
  })

const bitsOf = ({ type }: OnnxTensor): number => WEIGHTS[type]?.[1] ?? OTHER_BITS[type] ?? 8
const bytesOf = (tensor: OnnxTensor): number => Math.ceil((tensor.elements * bitsOf(tensor)) / 8)
const sum = (numbers: ReadonlyArray<number>): number => numbers.reduce((total, number) => total + number, 0)

const typesOf = (weights: ReadonlyArray<OnnxTensor>) =>
  [...Map.groupBy(weights, ({ type }) => WEIGHTS[type]![0])]
    .map(([type, all]) => ({
      type,
      tensors: all.length,
      parameters: sum(all.map(({ elements }) => elements)),
      bytes: sum(all.map(bytesOf)),
    }))
    .toSorted((a, b) => b.bytes - a.bytes)
