import { Effect, FileSystem, Result, Stream } from "effect"
import { join, relative } from "node:path"
import { ModelFacts, type ModelFiles } from "../../model/Model.ts"
import type { BadModel } from "../../runtime/BackendError.ts"
import { textSha256 } from "../../TextHash.ts"
import { fileSha256 } from "./FileHash.ts"
import { namedFacts } from "./FolderFacts.ts"
import { folderTensors } from "./FolderTensors.ts"
import { checkOrdinary } from "../../files/ReadFile.ts"
import { bad, isCount, isPointer, jsonFile, notRead, pointer, unreadable } from "./FolderFiles.ts"
import { type Counted, countWeights, packingOf } from "./PackedTensors.ts"
import { parseSafetensorsHeader, type SafeTensor } from "./SafetensorsHeader.ts"
import { isStatic, sentenceFacts, sentenceModules } from "./SentenceFolder.ts"
import { filesIn, settingFiles, weightFiles } from "./WeightFiles.ts"

/** The format's own limit. */
const MAX_HEADER_BYTES = 100_000_000

/**
 * Reads what the model of a folder is: config.json, the headers of its safetensors files, and those of the
 * module folders (such as `2_Dense`) that sentence-transformers puts beside them; if the first module has its
 * own folder (`0_Transformer`), config.json is there. `unpackedFrom` is for folders made from another file. Fails
 * with `BadModel` if a file is missing, not downloaded, incomplete, of another format or inconsistent with the others.
 */
export const readSafetensors: (
  folder: string,
  options?: Pick<ModelFiles, "headersOnly" | "unpackedFrom">,
) => Effect.Effect<ModelFacts, BadModel, FileSystem.FileSystem> = Effect.fn("Safetensors.readSafetensors")(function* (
  folder,
  { headersOnly = false, unpackedFrom } = {},
) {
  const names = yield* filesIn(folder)
  const modules = yield* sentenceModules(folder)
  const first = modules[0]?.path ?? ""
  const files = yield* weightFiles(folder, names, first)
  const headers = yield* Effect.forEach(files, readHeader)
  const packing = yield* readPacking(join(folder, first))
  const tensors = countWeights(
    headers.flatMap((header) => header.tensors),
    packing,
  )
  const weights = tensors.filter((tensor) => tensor.parameters > 0)
  const parameters = sum(weights.map((tensor) => tensor.parameters))
  const weightBytes = sum(tensors.map(({ bytes }) => bytes))
  if (parameters === 0 || 2 * sum(weights.map(({ bytes }) => bytes)) < weightBytes)
    return yield* bad(
      `The weights in ${folder} are packed into integers${packing === undefined ? "" : ` by ${packing.method}`} in a way that is not known, so they can't be counted.`,
      "Its config.json has to say how, as quantization_config: AWQ, GPTQ, compressed-tensors, bitsandbytes, FP8 and MXFP4 are known.",
    )
  const named = isStatic(modules) ? staticFacts(weights) : yield* namedFacts(join(folder, first))
  const tensorBytes = folderTensors(tensors)
  const settings = yield* settingFiles(folder, names)
  const head = join(folder, isStatic(modules) ? "modules.json" : join(first, "config.json"))
  const hashed = headersOnly ? [head] : [...files, ...settings]
  const hashes = yield* Effect.forEach(hashed, (file) =>
    Effect.map(Effect.mapError(fileSha256(file), unreadable(file)), (hash) => `${relative(folder, file)} ${hash}`),
  )
  return new ModelFacts({
    format: "safetensors",
    ...named,
    ...(yield* sentenceFacts(folder, modules, named.hiddenSize)),
    parameters,
    quantization: dominantType(weights),
    bitsPerWeight: (8 * weightBytes) / parameters,
    weightBytes,
    types: typesOf(tensors),
    ...(tensorBytes === undefined ? {} : { tensorBytes }),
    fileBytes: sum(headers.map(({ fileBytes }) => fileBytes)),
    sha256: textSha256(hashes.toSorted().join("\n")),
    ...(unpackedFrom === undefined ? {} : { unpackedFrom }),
  })
})

/** The model is only a table of vectors, one per token. */
const staticFacts = (weights: ReadonlyArray<SafeTensor>): StaticFacts => {
  const [rows = 0, width = 0] = weights.find(({ shape }) => shape.length === 2)?.shape ?? []
  return {
    architecture: "static",
    chatTemplate: false,
    ...(isCount(rows) ? { vocabulary: rows } : {}),
    ...(isCount(width) ? { hiddenSize: width } : {}),
  }
}

type StaticFacts = Pick<typeof ModelFacts.Type, "architecture" | "chatTemplate" | "vocabulary" | "hiddenSize">

/** How the weights are packed, where a file says it. */
const readPacking = Effect.fnUntraced(function* (folder: string) {
  const config = yield* jsonFile(join(folder, "config.json"))
  return config === undefined ? undefined : packingOf(config, yield* jsonFile(join(folder, "quantize_config.json")))
})

const readHeader = Effect.fnUntraced(function* (file: string) {
  yield* Effect.mapError(checkOrdinary(file), notRead)
  const fs = yield* FileSystem.FileSystem
  const read = (offset: number, bytesToRead: number) =>
    Stream.mkUint8Array(fs.stream(file, { offset, bytesToRead })).pipe(Effect.mapError(unreadable(file)))
  const fileBytes = Number((yield* Effect.mapError(fs.stat(file), unreadable(file))).size)
  const start = yield* read(0, 8)
  if (isPointer(start)) return yield* pointer(file)
  if (start.length < 8) return yield* bad(`${file} is incomplete: it has ${fileBytes} bytes.`)
  const headerBytes = Number(new DataView(start.buffer, start.byteOffset).getBigUint64(0, true))
  if (headerBytes > Math.min(MAX_HEADER_BYTES, fileBytes - 8))
    return yield* bad(`${file} is incomplete, or not a safetensors file: it states a header of ${headerBytes} bytes.`)
  const header = new TextDecoder().decode(yield* read(8, headerBytes))
  const tensors = parseSafetensorsHeader(header, fileBytes - 8 - headerBytes)
  return Result.isSuccess(tensors)
    ? { fileBytes, tensors: tensors.success }
    : yield* bad(`${file} can't be read: ${tensors.failure}.`)
})

const sum = (numbers: ReadonlyArray<number>): number => numbers.reduce((total, number) => total + number, 0)

/** The type of most weights: of a small model in 4 bits, the embeddings in 16 bits may take more bytes. */
const dominantType = (weights: ReadonlyArray<Counted>): string =>
  typesOf(weights).toSorted((a, b) => b.parameters - a.parameters)[0]!.type

const typesOf = (tensors: ReadonlyArray<Counted>) =>
  [...Map.groupBy(tensors, ({ type }) => type)]
    .map(([type, all]) => ({
      type,
      tensors: all.length,
      parameters: sum(all.map(({ elements, parameters }) => (parameters > 0 ? parameters : elements))),
      bytes: sum(all.map(({ bytes }) => bytes)),
    }))
    .toSorted((a, b) => b.bytes - a.bytes)
