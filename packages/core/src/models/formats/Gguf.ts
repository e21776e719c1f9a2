import { Effect, FileSystem } from "effect"
import { basename } from "node:path"
import { checkOrdinary } from "../../files/ReadFile.ts"
import { ModelFacts, type ModelFiles } from "../../model/Model.ts"
import type { Quantization } from "../../model/Recipe.ts"
import type { BadModel } from "../../runtime/BackendError.ts"
import { textSha256 } from "../../TextHash.ts"
import { notRead } from "./FolderFiles.ts"
import type { GgufHeader } from "./GgufHeader.ts"
import { notAModel } from "./GgufKind.ts"
import { metadataOf } from "./GgufMetadata.ts"
import { type GgufPart, ggufSha256, readParts } from "./GgufParts.ts"
import { AGAIN, bad } from "./GgufProblem.ts"
import { weightsOf } from "./GgufWeights.ts"
import { quantizedTensors } from "./QuantizedTensors.ts"

/**
 * What a GGUF file's header says about its model, checked against the file's length, with the hash of the complete
 * file; the first of several parts stands for all of them. With `headersOnly` the weights may be missing, and the hash
 * is that of the header. With `quantizeTo` it is what the file will be once it is quantized to that. Fails with
 * `BadModel` if the file is not a GGUF model, is incomplete, or has an unknown version.
 */
export const readGguf: (
  path: string,
  options?: Pick<ModelFiles, "headersOnly" | "quantizeTo">,
) => Effect.Effect<ModelFacts, BadModel, FileSystem.FileSystem> = Effect.fn("Gguf.readGguf")(function* (
  path,
  { headersOnly = false, quantizeTo } = {},
) {
  const fs = yield* FileSystem.FileSystem
  const name = basename(path)
  const stat = yield* fs
    .stat(path)
    .pipe(Effect.mapError(() => bad(`No file ${path}.`, "Check the path in the config's source.")))
  if (stat.type === "Directory") return yield* Effect.fail(bad(`${path} is a folder.`, "Name the GGUF file inside it."))
  yield* Effect.mapError(checkOrdinary(path), notRead)
  const size = Number(stat.size)
  if (size === 0) return yield* Effect.fail(bad(`${name} is empty.`, AGAIN))
  const parts = yield* readParts(path, size)
  const [{ header }] = parts as [GgufPart]
  const other = notAModel(name, header.metadata)
  if (other !== undefined) return yield* other
  const { assumed: more = [], ...metadata } = yield* metadataOf(header, name)
  const { end, ...weights } = yield* weightsOf(parts, { headersOnly, layers: metadata.layers })
  const assumed = [...more, ...(weights.assumed ?? [])]
  const read = { ...metadata, ...weights, ...(assumed.length === 0 ? {} : { assumed }) }
  const headerFacts = new ModelFacts({
    format: "gguf",
    ...read,
    fileBytes: end,
    sha256: headerSha256(
      metadata,
      parts.flatMap((part) => part.header.tensorInfos),
    ),
  })
  if (quantizeTo !== undefined) return yield* quantizedFacts(parts, headerFacts, quantizeTo)
  if (headersOnly) return headerFacts
  const fileBytes = parts.reduce((sum, { bytes }) => sum + bytes, 0)
  const sha256 = yield* ggufSha256(path).pipe(
    Effect.mapError((error) => bad(`${name} can't be read: ${error.message}.`, "Check its permissions and the disk.")),
  )
  return new ModelFacts({ format: "gguf", ...read, fileBytes, sha256 })
})

const headerSha256 = (metadata: object, tensors: GgufHeader["tensorInfos"]): string =>
  textSha256(JSON.stringify([metadata, tensors.map((tensor) => ({ ...tensor, offset: 0 }))], plain))

/** What a file will be once it is quantized, as far as its header says. */
const quantizedFacts = Effect.fnUntraced(function* (
  parts: ReadonlyArray<GgufPart>,
  from: ModelFacts,
  to: Quantization,
) {
  const [first] = parts as [GgufPart]
  const start = Number(first.header.tensorDataOffset)
  const all = parts.flatMap(({ header }) => header.tensorInfos)
  const tensorInfos = [...quantizedTensors(all, from, to)].map((tensor) => ({ ...tensor, offset: 0n }))
  const made: GgufPart = { ...first, header: { ...first.header, tensorInfos } }
  const { end: _, ...weights } = yield* weightsOf([made], { headersOnly: true, layers: from.layers })
  const { bitsPerWeight, format, quantization, sha256, ...same } = from
  return new ModelFacts({
    ...same,
    ...weights,
    format,
    quantization: to,
    fileBytes: start + weights.weightBytes,
    sha256: headerSha256(same, tensorInfos),
    quantizedFrom: { format: "gguf", quantization, bitsPerWeight, sha256 },
  })
})

const plain = (_: string, value: unknown): unknown => (typeof value === "bigint" ? Number(value) : value)
