import { Effect, FileSystem } from "effect"
import { basename, dirname, join } from "node:path"
import { textSha256 } from "../../TextHash.ts"
import { fileSha256 } from "./FileHash.ts"
import { type GgufHeader, readHeader } from "./GgufHeader.ts"
import { bad } from "./GgufProblem.ts"

const PART = /^(.*)-(\d{5})-of-(\d{5})\.gguf$/

/** Names of all parts of a set like `m-00001-of-00003.gguf`, by that of any; just the name if it is not in a set. */
export const partNames = (name: string): ReadonlyArray<string> => {
  const [, stem, , count] = PART.exec(name) ?? []
  if (stem === undefined) return [name]
  return Array.from(
    { length: Number(count) },
    (_, index) => `${stem}-${String(index + 1).padStart(5, "0")}-of-${count}.gguf`,
  )
}

/** A file of a set with its header. */
export interface GgufPart {
  readonly path: string
  readonly bytes: number
  readonly header: GgufHeader
}

/**
 * All files of the model that a file is the first of. Source: `llama_model_loader` in llama.cpp
 * `src/llama-model-loader.cpp`.
 */
export const readParts = Effect.fn("GgufParts.readParts")(function* (path: string, bytes: number) {
  const first: GgufPart = { path, bytes, header: yield* readHeader(path) }
  const { "split.count": count = 1, "split.no": number = 0 } = first.header.metadata
  if (Number(count) <= 1) return [first]
  const name = basename(path)
  const names = partNames(name)
  if (names.length !== Number(count))
    return yield* bad(
      `${name} is one of ${String(count)} parts, which engines find by names like model-00001-of-${String(count).padStart(5, "0")}.gguf.`,
      "Give the parts their original names, or join them with llama-gguf-split --merge.",
    )
  if (Number(number) !== 0 || name !== names[0])
    return yield* bad(
      `${name} is not the first of its ${names.length} parts.`,
      `Name ${names[0]}: engines find the others by it.`,
    )
  const rest = yield* Effect.forEach(names.slice(1), (part, index) =>
    readPart(join(dirname(path), part), index + 1, names.length),
  )
  const parts = [first, ...rest]
  const tensors = parts.reduce((sum, { header }) => sum + header.tensorInfos.length, 0)
  const reported = first.header.metadata["split.tensors.count"]
  if (reported !== undefined && Number(reported) !== tensors)
    return yield* bad(
      `The parts of ${name} hold ${tensors} tensors, but its header says ${Number(reported)}.`,
      "Download all parts of one release.",
    )
  return parts
})

const readPart = Effect.fnUntraced(function* (path: string, index: number, count: number) {
  const fs = yield* FileSystem.FileSystem
  const name = basename(path)
  const stat = yield* fs
    .stat(path)
    .pipe(
      Effect.mapError(() =>
        bad(`Part ${index + 1} of ${count} is missing: ${name}.`, "Put all parts into one folder."),
      ),
    )
  const header = yield* readHeader(path)
  const { "split.count": reported, "split.no": number } = header.metadata
  if (Number(reported) !== count || Number(number) !== index)
    return yield* bad(
      `${name} says it is part ${Number(number) + 1} of ${Number(reported)}.`,
      "Download all parts of one release.",
    )
  return { path, bytes: Number(stat.size), header } satisfies GgufPart
})

/**
 * SHA-256 of a file; of a set, of the list of its parts' names and hashes. Fails with `PlatformError` if one can't be
 * read, and with `UnreadableFile` if it is no ordinary file.
 */
export const ggufSha256 = Effect.fn("GgufParts.ggufSha256")(function* (path: string) {
  const names = partNames(basename(path))
  if (names.length === 1) return yield* fileSha256(path)
  const hashes = yield* Effect.forEach(names, (name) => fileSha256(join(dirname(path), name)))
  return textSha256(names.map((name, index) => `${name} ${hashes[index]}`).join("\n"))
})
