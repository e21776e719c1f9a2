import { Effect, FileSystem } from "effect"
import { basename, dirname, join } from "node:path"
import { cacheFolder, lockHash } from "../../engine/install/CacheFolder.ts"
import { installOnce, SetupError } from "../../engine/install/Install.ts"
import type { ModelFiles } from "../../model/Model.ts"
import type { HubSource } from "../../model/ModelSource.ts"
import { report } from "../../Progress.ts"
import { partNames } from "../formats/GgufParts.ts"
import { writeOutline } from "../formats/Outline.ts"
import { otherWeights } from "../formats/WeightFiles.ts"
import { ggufHead, type HubFile, type HubRepository, MOST_HEAD, openHub } from "./HubRepository.ts"

/** Weights of a folder, at its top or in a module of sentence-transformers. */
const WEIGHTS = /^(\d+_[\w-]+\/)?[\w.-]+\.safetensors$/
/** Other files that describe a folder's model. */
const SETTINGS =
  /^(\d+_[\w-]+\/)?(config|sentence_bert_config|tokenizer_config|model\.safetensors\.index)\.json$|^(modules|config_sentence_transformers)\.json$|^chat_template\.jinja$/

/**
 * What a plan needs of a model on the Hugging Face Hub: the headers of its files and its configuration, read by
 * ranges. The resulting files are sparse where the weights would be.
 */
export const outlineHub = Effect.fn("HubOutline.outlineHub")(function* (name: string, source: HubSource) {
  const hub = yield* openHub(name, source)
  const step = `${name}: reading headers from ${hub.host}`
  yield* report({ step })
  const files = yield* hub.list
  const wanted = yield* chosen(name, source, files)
  const folder = join(
    cacheFolder(),
    "models",
    `hub-outline-${lockHash(hub.host, source.hub, ...wanted.flatMap(({ oid, path }) => [path, oid]))}`,
  )
  yield* installOnce(folder, (partial) =>
    Effect.forEach(wanted, (file) => outlineFile(hub, file, join(partial, localName(file))), { discard: true }),
  )
  yield* report({ step, finished: true })
  const path = source.file === undefined ? folder : join(folder, basename(source.file))
  return { path, headersOnly: true } satisfies ModelFiles
})

const localName = ({ path }: HubFile): string => (path.endsWith(".gguf") ? basename(path) : path)

const chosen = (name: string, { file, hub }: HubSource, files: ReadonlyArray<HubFile>) => {
  const ggufs = files.filter(({ path }) => path.endsWith(".gguf")).map(({ path }) => path)
  const refuse = (detail: string, fix: string) => Effect.fail(new SetupError({ what: name, detail, fix, logTail: [] }))
  if (file !== undefined) {
    // For a model in several parts, the first stands for all.
    const parts = partNames(basename(file)).map((part) => join(dirname(file), part))
    const found = files.filter(({ path }) => parts.includes(path))
    const there = ggufs.length === 0 ? "It has no GGUF file." : `It has ${ggufs.join(", ")}.`
    return found.some(({ path }) => path === file) ? Effect.succeed(found) : refuse(`No file ${file} in ${hub}.`, there)
  }
  const weights = files.filter(({ path }) => WEIGHTS.test(path))
  if (weights.length > 0) return Effect.succeed([...weights, ...files.filter(({ path }) => SETTINGS.test(path))])
  const other = otherWeights(
    hub,
    files.map(({ path }) => path),
  )
  if (ggufs.length === 0 && other !== undefined) return refuse(other.detail, other.fix)
  return ggufs.length > 0
    ? refuse(
        `${hub} holds GGUF files.`,
        `Name one of them, as file in a config or behind the repository's name: ${ggufs.join(", ")}.`,
      )
    : refuse(`${hub} holds neither safetensors nor GGUF files.`, "Name a repository with weights.")
}

const outlineFile = Effect.fnUntraced(function* (hub: HubRepository, file: HubFile, path: string) {
  const fs = yield* FileSystem.FileSystem
  yield* fs.makeDirectory(dirname(path), { recursive: true })
  if (file.path.endsWith(".gguf")) return yield* writeOutline(path, yield* ggufHead(hub, file), file.size)
  if (!file.path.endsWith(".safetensors")) return yield* fs.writeFile(path, yield* hub.read(file, 0, file.size))
  const length = Number(new DataView((yield* hub.read(file, 0, 8)).buffer).getBigUint64(0, true))
  // A length beyond the file's is reported by the reader of the file.
  const head = yield* hub.read(file, 0, Math.min(8 + length, MOST_HEAD, file.size))
  return yield* writeOutline(path, head, file.size)
})
