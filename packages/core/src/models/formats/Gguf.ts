import type { GGUFParseOutput } from "@huggingface/gguf"
import { Effect, FileSystem, Predicate } from "effect"
import { closeSync, openSync, readSync } from "node:fs"
import { basename } from "node:path"
import { ggmlType } from "../../model/GgmlType.ts"
import { ModelFacts, type ModelFiles } from "../../model/Model.ts"
import { QUANTIZED_KEY, readQuantizedMark } from "../../model/QuantizedMark.ts"
import type { Quantization } from "../../model/Recipe.ts"
import { BadModel } from "../../runtime/BackendError.ts"
import { textSha256 } from "../../TextHash.ts"
import { fileSha256 } from "./FileHash.ts"
import { isPointer, pointer } from "./FolderFiles.ts"
import { quantizedTensors } from "./QuantizedTensors.ts"
import { slidingWindow } from "./SlidingWindow.ts"
import { GGUF_MARK } from "./SyntheticMark.ts"
import { tensorBytes } from "./TensorBytes.ts"

/**
 * What a GGUF file's header says of its model, checked against the file's length, with the whole file's hash. With
 * `headersOnly` the weights need not be there, and the hash is that of what the header says. With `quantizeTo` it is what
 * the file will be once it is quantized to that. Fails with `BadModel` where the file is none, is cut, or is of a version
 * that is not known.
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
    .pipe(Effect.mapError(() => bad(`There is no file ${path}.`, "Check the path in the config's source.")))
  if (stat.type === "Directory") return yield* Effect.fail(bad(`${path} is a folder.`, "Name the GGUF file inside it."))
  const size = Number(stat.size)
  if (size === 0) return yield* Effect.fail(bad(`${name} is empty.`, AGAIN))
  const header = yield* parse(path, name)
  const { end, ...weights } = yield* weightsOf(header, name, size, headersOnly)
  const metadata = yield* metadataOf(header, name)
  const headerFacts = new ModelFacts({
    format: "gguf",
    ...metadata,
    ...weights,
    fileBytes: end,
    sha256: headerSha256(metadata, header.tensorInfos),
  })
  if (quantizeTo !== undefined) return yield* quantizedFacts(header, name, headerFacts, quantizeTo)
  if (headersOnly) return headerFacts
  const sha256 = yield* fileSha256(path).pipe(
    Effect.mapError((error) => bad(`${name} can't be read: ${error.message}.`, "Check its permissions and the disk.")),
  )
  return new ModelFacts({ format: "gguf", ...metadata, ...weights, fileBytes: size, sha256 })
})

const headerSha256 = (metadata: object, tensors: Header["tensorInfos"]): string =>
  textSha256(JSON.stringify([metadata, tensors.map((tensor) => ({ ...tensor, offset: 0 }))], plain))

/** What a file will be once it is quantized, as far as its header tells. */
const quantizedFacts = Effect.fnUntraced(function* (header: Header, name: string, from: ModelFacts, to: Quantization) {
  const start = Number(header.tensorDataOffset)
  const tensorInfos = [...quantizedTensors(header.tensorInfos, from, to)].map((tensor) => ({ ...tensor, offset: 0n }))
  const { end: _, ...weights } = yield* weightsOf({ ...header, tensorInfos }, name, start, true)
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

const AGAIN = "Fetch the file again: it was probably cut off on its way."

const bad = (detail: string, fix: string): BadModel => new BadModel({ detail, fix })

interface Header extends Pick<GGUFParseOutput, "tensorInfos" | "tensorDataOffset" | "tensorInfoByteRange"> {
  readonly metadata: Readonly<Record<string, unknown>>
  /** Name of the file's own type, where it has one. */
  readonly quantization: unknown
}

const parse = (path: string, name: string): Effect.Effect<Header, BadModel> =>
  Effect.tryPromise({
    try: async () => {
      // Loaded late: only those who read a GGUF file pay for its tables.
      const { GGMLFileQuantizationType, gguf } = await import("@huggingface/gguf")
      const { metadata, ...header } = await gguf(path, { allowLocalFile: true })
      const values: Readonly<Record<string, unknown>> = { ...metadata }
      return {
        ...header,
        metadata: values,
        quantization: GGMLFileQuantizationType[Number(values["general.file_type"])],
      }
    },
    catch: (cause) => {
      const why = Predicate.isError(cause) ? cause.message : String(cause)
      if (why.includes("magic number") && readsAsPointer(path)) return pointer(path)
      return why.includes("magic number")
        ? bad(`${name} is not a GGUF file.`, "Name a file in the GGUF format, or convert the model to it.")
        : bad(`${name} has a broken GGUF header: ${why}.`, AGAIN)
    },
  })

/** Whether the file is what Git leaves in place of a large one. It could be opened before. */
const readsAsPointer = (path: string): boolean => {
  const file = openSync(path, "r")
  try {
    const start = new Uint8Array(64)
    return isPointer(start.subarray(0, readSync(file, start)))
  } finally {
    closeSync(file)
  }
}

type Facts = typeof ModelFacts.Type

const metadataOf = (
  { metadata }: Header,
  name: string,
): Effect.Effect<Omit<Facts, "format" | "fileBytes" | "sha256" | keyof Weights>, BadModel> => {
  const architecture = metadata["general.architecture"]
  if (!Predicate.isString(architecture) || architecture === "")
    return Effect.fail(bad(`${name} names no architecture.`, AGAIN))
  const parts = largest(metadata["split.count"]) ?? 1
  if (parts > 1)
    return Effect.fail(
      bad(`${name} is one of ${parts} parts.`, "Join them into one file with llama-gguf-split --merge."),
    )
  const told = (key: string) => metadata[`${architecture}.${key}`]
  const count = (key: string) => largest(told(key))
  const hiddenSize = count("embedding_length")
  const heads = count("attention.head_count")
  const perHead = hiddenSize !== undefined && heads ? Math.floor(hiddenSize / heads) : undefined
  const tokens = metadata["tokenizer.ggml.tokens"]
  const layers = count("block_count")
  const experts = count("expert_count") || undefined
  const keyLength = count("attention.key_length")
  const whole = largest(metadata[GGUF_MARK])
  return Effect.map(readQuantizedMark(name, metadata[QUANTIZED_KEY]), (quantizedFrom) => ({
    architecture,
    chatTemplate: Predicate.isString(metadata["tokenizer.chat_template"]),
    ...(whole === undefined ? {} : { synthetic: { layers: whole } }),
    ...(quantizedFrom === undefined ? {} : { quantizedFrom }),
    ...defined({
      layers,
      contextLength: count("context_length"),
      hiddenSize,
      feedForward:
        experts === undefined
          ? count("feed_forward_length")
          : (count("expert_feed_forward_length") ?? count("feed_forward_length")),
      experts,
      expertsUsed: experts === undefined ? undefined : count("expert_used_count"),
      heads,
      kvHeads: count("attention.head_count_kv") ?? heads,
      kvHeadsByLayer: headsByLayer(told("attention.head_count_kv"), count("attention.shared_kv_layers"), layers, heads),
      // Not always hiddenSize / heads: Gemma 3 has heads of 256 in a state of 640.
      keyLength: keyLength ?? perHead,
      valueLength: count("attention.value_length") ?? perHead,
      // Written by converters that keep the compressed vector: its width stands where that of keys does.
      latentLength: count("attention.key_length_mla") === undefined ? undefined : keyLength,
      slidingWindow: slidingWindow({
        architecture,
        layers,
        tokens: count("attention.sliding_window"),
        pattern: told("attention.sliding_window_pattern"),
      }),
      vocabulary: count("vocab_size") ?? (Array.isArray(tokens) ? tokens.length : undefined),
    }),
  }))
}

/** KV heads of each layer where they differ. The last `shared` layers use the keys and values of layers before them. */
const headsByLayer = (
  told: unknown,
  shared = 0,
  layers: number | undefined,
  heads: number | undefined,
): ReadonlyArray<number> | undefined => {
  if (layers === undefined || (!Array.isArray(told) && shared === 0)) return undefined
  const one = Array.isArray(told) ? undefined : (largest(told) ?? heads)
  const each = Array.from({ length: layers }, (_, layer) =>
    layer >= layers - shared ? 0 : (one ?? largest((told as ReadonlyArray<unknown>)[layer]) ?? 0),
  )
  return new Set(each).size === 1 ? undefined : each
}

/** A count; the largest of them where layers differ. */
const largest = (value: unknown): number | undefined => {
  if (Array.isArray(value))
    return value.reduce<number | undefined>((most, each) => Math.max(most ?? 0, largest(each) ?? 0), undefined)
  const number = typeof value === "bigint" ? Number(value) : value
  return Predicate.isNumber(number) && Number.isSafeInteger(number) && number >= 0 ? number : undefined
}

/** The fields that have a value. */
const defined = <A extends object>(fields: A): { [K in keyof A]?: Exclude<A[K], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof A]?: Exclude<A[K], undefined>
  }

type Weights = Pick<Facts, "parameters" | "quantization" | "weightBytes" | "bitsPerWeight" | "tensorBytes" | "types">

const weightsOf = (
  header: Header,
  name: string,
  fileBytes: number,
  headersOnly: boolean,
): Effect.Effect<Weights & { readonly end: number }, BadModel> => {
  const start = Number(header.tensorDataOffset)
  let last = start
  // The parser reads zeros past the end of a file, so a header that is cut off shows by its length only.
  if (header.tensorInfoByteRange[1] > fileBytes)
    return Effect.fail(bad(`${name} ends inside its header, at ${fileBytes} bytes.`, AGAIN))
  let parameters = 0
  let weightBytes = 0
  const byType = new Map<string, { readonly tensors: number; readonly parameters: number; readonly bytes: number }>()
  const bytesByTensor: Array<readonly [name: string, bytes: number]> = []
  for (const tensor of header.tensorInfos) {
    const type = ggmlType(tensor.dtype)
    if (type === undefined)
      return Effect.fail(
        bad(
          `${name} holds tensor ${tensor.name} of type ${tensor.dtype}, which is not known here.`,
          "Convert it anew.",
        ),
      )
    const elements = tensor.shape.reduce((product, size) => product * Number(size), 1)
    const bytes = (elements / type.blockSize) * type.blockBytes
    const end = start + Number(tensor.offset) + bytes
    if (!Number.isSafeInteger(bytes) || !(headersOnly || end <= fileBytes))
      return Effect.fail(
        bad(`${name} is ${fileBytes} bytes long, but its tensor ${tensor.name} ends at byte ${end}.`, AGAIN),
      )
    parameters += elements
    weightBytes += bytes
    bytesByTensor.push([tensor.name, bytes])
    last = Math.max(last, end)
    const before = byType.get(type.name) ?? { tensors: 0, parameters: 0, bytes: 0 }
    byType.set(type.name, {
      tensors: before.tensors + 1,
      parameters: before.parameters + elements,
      bytes: before.bytes + bytes,
    })
  }
  if (parameters === 0) return Effect.fail(bad(`${name} holds no weights.`, "Name the file with the model's weights."))
  const types = [...byType].map(([type, sizes]) => ({ type, ...sizes })).toSorted((a, b) => b.bytes - a.bytes)
  return Effect.succeed({
    end: last,
    parameters,
    weightBytes,
    types,
    bitsPerWeight: (8 * weightBytes) / parameters,
    ...defined({ tensorBytes: tensorBytes(bytesByTensor) }),
    // Without a name of its own, a file is called by the type that most of its bytes have.
    quantization: Predicate.isString(header.quantization) ? header.quantization : types[0]!.type,
  })
}
