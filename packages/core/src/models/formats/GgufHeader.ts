import type { GGUFParseOutput } from "@huggingface/gguf"
import { Effect, Predicate } from "effect"
import { closeSync, openSync, readSync, statSync } from "node:fs"
import { basename } from "node:path"
import { BadModel } from "../../runtime/BackendError.ts"
import { checkOrdinary } from "../../files/ReadFile.ts"
import { isPointer, notRead, pointer } from "./FolderFiles.ts"
import { AGAIN, bad } from "./GgufProblem.ts"
import { cachedHeader, cacheHeader } from "./HeaderCache.ts"

/** What precedes the weights of a GGUF file. */
export interface GgufHeader extends Pick<GGUFParseOutput, "tensorInfos" | "tensorDataOffset" | "tensorInfoByteRange"> {
  /** Lists of the tokenizer have their lengths, and nothing in them: a vocabulary takes tens of megabytes. */
  readonly metadata: Readonly<Record<string, unknown>>
  /** Name of the file's own type, if it has one. */
  readonly quantization: unknown
}

/** Headers by their files as they were: a plan reads one file for many cells, and its vocabulary each time. */
const known = new Map<string, GgufHeader>()

/** A smaller header is parsed faster than it is found in the cache. */
const LARGE = 2 ** 18

/** A file that changed so shortly ago may change again with the same time. */
const SETTLED_MS = 1000

/**
 * Fails if the file is not a GGUF file, is incomplete, has a version that engines don't read, or has duplicate names.
 */
export const readHeader = Effect.fn("GgufHeader.readHeader")(function* (path: string) {
  yield* Effect.mapError(checkOrdinary(path), notRead)
  const { ctimeMs, ctimeNs, dev, ino, size } = statSync(path, { bigint: true })
  const file = [path, dev, ino, size, ctimeNs].join()
  const isSettled = Date.now() - Number(ctimeMs) > SETTLED_MS
  const found = isSettled ? (known.get(file) ?? headerIn(yield* cachedHeader(file))) : undefined
  const header = found ?? (yield* readAnew(path))
  if (!isSettled || known.has(file)) return header
  known.set(file, header)
  if (found === undefined && header.tensorInfoByteRange[1] >= LARGE) yield* cacheHeader(file, header)
  return header
})

const headerIn = (cached: unknown): GgufHeader | undefined =>
  Predicate.hasProperty(cached, "tensorInfos") ? (cached as unknown as GgufHeader) : undefined

const readAnew = Effect.fnUntraced(function* (path: string) {
  const name = basename(path)
  const header = yield* parse(path, name)
  const { size } = statSync(path)
  // The parser reads zeros past the end of a file, so only its length shows that a header is incomplete.
  if (header.tensorInfoByteRange[1] > size)
    return yield* bad(`${name} ends inside its header, at ${size} bytes.`, AGAIN)
  const version = header.metadata["version"]
  if (version === 1)
    return yield* bad(`${name} has version 1 of the format, which engines no longer read.`, "Convert the model again.")
  const start = startOf(path)
  if (start.length >= 8 && start.readUInt32LE(4) !== version)
    return yield* bad(`${name} is a big-endian GGUF file.`, "Name a little-endian one, or convert the model again.")
  const doubled = doubledKey(path, header) ?? doubledTensor(header)
  if (doubled !== undefined)
    return yield* bad(`${name} has ${doubled} twice, so engines refuse it.`, "Convert the model again.")
  return header
})

const parse = (path: string, name: string): Effect.Effect<GgufHeader, BadModel> =>
  Effect.tryPromise({
    try: async () => {
      // Loaded late: its tables are needed only for GGUF files.
      const { GGMLFileQuantizationType, gguf } = await import("@huggingface/gguf")
      const { metadata, ...header } = await gguf(path, { allowLocalFile: true })
      const values = Object.fromEntries(
        Object.entries(metadata).map(([key, value]) => [key, withoutTokens(key, value)]),
      )
      return {
        ...header,
        metadata: values,
        quantization: GGMLFileQuantizationType[Number(values["general.file_type"])],
      }
    },
    catch: (cause) => {
      const why = Predicate.isError(cause) ? cause.message : String(cause)
      if (why.includes("magic number")) {
        if (isPointer(startOf(path))) return pointer(path)
        return bad(`${name} is not a GGUF file.`, "Name a file in the GGUF format, or convert the model to it.")
      }
      const version = /unsupported version "(\d+)"/.exec(why)?.[1]
      if (version !== undefined)
        return bad(
          `${name} has version ${version} of the GGUF format; Rigbook reads versions 2 and 3.`,
          "Convert the model to version 3, or update Rigbook.",
        )
      return bad(`${name} has an invalid GGUF header: ${why}.`, AGAIN)
    },
  })

const withoutTokens = (key: string, value: unknown): unknown => {
  if (!Array.isArray(value) || !key.startsWith("tokenizer.")) return value
  const empty: Array<unknown> = []
  empty.length = value.length
  return empty
}

/** The file's first bytes. It has been opened before. */
const startOf = (path: string): Buffer => bytesOf(path, 64)

const bytesOf = (path: string, length: number): Buffer => {
  const file = openSync(path, "r")
  try {
    const start = Buffer.alloc(length)
    return start.subarray(0, readSync(file, start, 0, length, 0))
  } finally {
    closeSync(file)
  }
}

/** Keys that the parser adds to those of the file. */
const ADDED = 3

const doubledKey = (path: string, { metadata, tensorInfoByteRange }: GgufHeader): string | undefined => {
  const keys = Object.keys(metadata)
  if (Number(metadata["kv_count"]) <= keys.length - ADDED) return undefined
  const bytes = bytesOf(path, tensorInfoByteRange[0])
  const twice = keys.find((key) => {
    const written = Buffer.concat([Buffer.alloc(8), Buffer.from(key)])
    written.writeBigUInt64LE(BigInt(written.length - 8))
    return bytes.indexOf(written) !== bytes.lastIndexOf(written)
  })
  return twice === undefined ? "a key" : `key ${twice}`
}

const doubledTensor = ({ tensorInfos }: GgufHeader): string | undefined => {
  const known = new Set<string>()
  for (const { name } of tensorInfos) {
    if (known.has(name)) return `tensor ${name}`
    known.add(name)
  }
  return undefined
}
