import { Effect, Option, Schema } from "effect"
import { join } from "node:path"
import type { ModelFacts } from "../../model/Model.ts"
import { bad, isCount, jsonFile, type JsonObject, optionalText } from "./FolderFiles.ts"

/** A step of a sentence model: its class, and the folder that it is read from. */
interface Module {
  readonly type: string
  readonly path: string
}

const decodeModules = Schema.decodeUnknownOption(
  Schema.fromJsonString(Schema.Array(Schema.Struct({ type: Schema.NonEmptyString, path: Schema.String }))),
)
const isText = Schema.is(Schema.NonEmptyString)

/**
 * The modules that sentence-transformers loads from a folder, by its modules.json; empty if there is none. Fails with
 * `BadModel` if it is not a list of them, or leads out of the folder.
 */
export const sentenceModules = Effect.fn("SentenceFolder.sentenceModules")(function* (folder: string) {
  const file = join(folder, "modules.json")
  const text = yield* optionalText(file)
  if (text === undefined) return []
  const modules: ReadonlyArray<Module> | undefined = Option.getOrUndefined(decodeModules(text))
  if (modules === undefined || modules.some(({ path }) => /^\/|(^|\/)\.\.(\/|$)/.test(path)))
    return yield* bad(`${file} is not a list of modules, each with a type and a path in the folder.`)
  return modules.map(({ path, type }): Module => ({ type, path: path === "." ? "" : path }))
})

/** Whether it averages token vectors from a table, without a transformer. */
export const isStatic = (modules: ReadonlyArray<Module>): boolean =>
  /(^|\.)StaticEmbedding$/.test(modules[0]?.type ?? "")

type SentenceFacts = Pick<typeof ModelFacts.Type, "dimensions" | "shortenedTo" | "prompts">

/** What the files of modules say about vectors (their width after each module), and the prompts stored with them. */
export const sentenceFacts = Effect.fn("SentenceFolder.sentenceFacts")(function* (
  folder: string,
  modules: ReadonlyArray<Module>,
  hiddenSize: number | undefined,
) {
  let width = hiddenSize
  for (const { path, type } of modules) {
    const config = yield* jsonFile(join(folder, path, "config.json"))
    if (config !== undefined) width = widthAfter(type, config) ?? width
  }
  const { prompts, truncate_dim: shortenedTo } =
    (yield* jsonFile(join(folder, "config_sentence_transformers.json"))) ?? ({} as JsonObject)
  const texts = Object.entries(prompts ?? {}).filter((entry): entry is [string, string] => isText(entry[1]))
  const facts: SentenceFacts = {
    ...(width === undefined || width === hiddenSize ? {} : { dimensions: width }),
    ...(isCount(shortenedTo) ? { shortenedTo } : {}),
    ...(texts.length === 0 ? {} : { prompts: Object.fromEntries(texts) }),
  }
  return facts
})

/** The width of what leaves a module; `undefined` for those that don't change it. */
const widthAfter = (type: string, config: JsonObject): number | undefined => {
  if (/(^|\.)Dense$/.test(type)) return isCount(config["out_features"]) ? config["out_features"] : undefined
  if (!/(^|\.)Pooling$/.test(type)) return undefined
  const width = [config["embedding_dimension"], config["word_embedding_dimension"]].find(isCount)
  const mode = config["pooling_mode"]
  const flags = Object.entries(config).filter(([name, on]) => name.startsWith("pooling_mode_") && on === true).length
  const modes = Array.isArray(mode) ? mode.length : mode === undefined ? flags : 1
  return width === undefined ? undefined : width * Math.max(1, modes)
}

/**
 * Architectures of the RoBERTa family count positions from after their padding token, so that as many can't be used.
 * Source: `create_position_ids_from_input_ids` of `modeling_roberta.py` in Transformers, and its copies.
 */
const FROM_PADDING =
  /^((xlm-)?roberta(-xl|-prelayernorm)?|camembert|mpnet|longformer|data2vec-text|ibert|xmod|luke|markuplm|layoutlmv3|lilt|esm)$/

/** Positions that texts can have; `undefined` if config.json names none. */
export const usablePositions = (architecture: string, settings: JsonObject): number | undefined => {
  const { max_position_embeddings: positions, pad_token_id: padding = 1 } = settings
  if (!isCount(positions)) return undefined
  const unused = FROM_PADDING.test(architecture) && typeof padding === "number" ? padding + 1 : 0
  return positions > unused ? positions - unused : positions
}
