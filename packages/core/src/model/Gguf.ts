import type { GGUFParseOutput } from "@huggingface/gguf"
import { Effect, FileSystem, Predicate } from "effect"
import { basename } from "node:path"
import { BadModel } from "../BackendError.ts"
import { fileSha256 } from "./FileHash.ts"
import { ggmlType } from "./GgmlType.ts"
import { ModelFacts } from "./Model.ts"
import { GGUF_MARK } from "./SyntheticMark.ts"
import { tensorBytes } from "./TensorBytes.ts"

/** What a GGUF file's header says of its model, checked against the file's length, with the whole file's hash. */
export const readGguf: (path: string) => Effect.Effect<ModelFacts, BadModel, FileSystem.FileSystem> = Effect.fn(
  "Gguf.readGguf",
)(function* (path) {
  const fs = yield* FileSystem.FileSystem
  const name = basename(path)
  const stat = yield* fs
    .stat(path)
    .pipe(Effect.mapError(() => bad(`There is no file ${path}.`, "Check the path in the config's source.")))
  if (stat.type === "Directory") return yield* Effect.fail(bad(`${path} is a folder.`, "Name the GGUF file inside it."))
  const fileBytes = Number(stat.size)
  if (fileBytes === 0) return yield* Effect.fail(bad(`${name} is empty.`, AGAIN))
  const header = yield* parse(path, name)
  const weights = yield* weightsOf(header, name, fileBytes)
  const metadata = yield* metadataOf(header, name)
  const sha256 = yield* fileSha256(path).pipe(
    Effect.mapError((error) => bad(`${name} can't be read: ${error.message}.`, "Check its permissions and the disk.")),
  )
  return new ModelFacts({ format: "gguf", ...metadata, ...weights, fileBytes, sha256 })
})

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
      return why.includes("magic number")
        ? bad(`${name} is not a GGUF file.`, "Name a file in the GGUF format, or convert the model to it.")
        : bad(`${name} has a broken GGUF header: ${why}.`, AGAIN)
    },
  })

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
  const count = (key: string) => largest(metadata[`${architecture}.${key}`])
  const hiddenSize = count("embedding_length")
  const heads = count("attention.head_count")
  const perHead = hiddenSize !== undefined && heads ? Math.floor(hiddenSize / heads) : undefined
  const tokens = metadata["tokenizer.ggml.tokens"]
  const whole = largest(metadata[GGUF_MARK])
  return Effect.succeed({
    architecture,
    chatTemplate: Predicate.isString(metadata["tokenizer.chat_template"]),
    ...(whole === undefined ? {} : { synthetic: { layers: whole } }),
    ...defined({
      layers: count("block_count"),
      contextLength: count("context_length"),
      hiddenSize,
      heads,
      kvHeads: count("attention.head_count_kv") ?? heads,
      // Not always hiddenSize / heads: Gemma 3 has heads of 256 in a state of 640.
      keyLength: count("attention.key_length") ?? perHead,
      valueLength: count("attention.value_length") ?? perHead,
      vocabulary: count("vocab_size") ?? (Array.isArray(tokens) ? tokens.length : undefined),
      experts: count("expert_count") || undefined,
    }),
  })
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

type Weights = Pick<Facts, "parameters" | "quantization" | "weightBytes" | "bitsPerWeight" | "tensorBytes">

const weightsOf = (header: Header, name: string, fileBytes: number): Effect.Effect<Weights, BadModel> => {
  const start = Number(header.tensorDataOffset)
  // The parser reads zeros past the end of a file, so a header that is cut off shows by its length only.
  if (header.tensorInfoByteRange[1] > fileBytes)
    return Effect.fail(bad(`${name} ends inside its header, at ${fileBytes} bytes.`, AGAIN))
  let parameters = 0
  let weightBytes = 0
  const bytesByType = new Map<string, number>()
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
    if (!Number.isSafeInteger(bytes) || !(end <= fileBytes))
      return Effect.fail(
        bad(`${name} is ${fileBytes} bytes long, but its tensor ${tensor.name} ends at byte ${end}.`, AGAIN),
      )
    parameters += elements
    weightBytes += bytes
    bytesByTensor.push([tensor.name, bytes])
    bytesByType.set(type.name, (bytesByType.get(type.name) ?? 0) + bytes)
  }
  if (parameters === 0) return Effect.fail(bad(`${name} holds no weights.`, "Name the file with the model's weights."))
  return Effect.succeed({
    parameters,
    weightBytes,
    bitsPerWeight: (8 * weightBytes) / parameters,
    ...defined({ tensorBytes: tensorBytes(bytesByTensor) }),
    // Without a name of its own, a file is called by the type that most of its bytes have.
    quantization: Predicate.isString(header.quantization)
      ? header.quantization
      : [...bytesByType].toSorted((a, b) => b[1] - a[1])[0]![0],
  })
}
