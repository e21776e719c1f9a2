import { Effect, FileSystem, Predicate } from "effect"
import { join } from "node:path"
import { bad, isCount, jsonFile, type JsonObject } from "./FolderFiles.ts"
import { folderLayers } from "./FolderLayers.ts"
import { sentenceFacts, sentenceModules, usablePositions } from "./SentenceFolder.ts"
import { CONFIG_MARK } from "./SyntheticMark.ts"

/** Names for the same fact in config.json by architecture; the first existing one counts. */
const NAMES = {
  layers: ["num_hidden_layers", "n_layers", "num_layers", "n_layer"],
  hiddenSize: ["hidden_size", "dim", "d_model", "n_embd"],
  heads: ["num_attention_heads", "n_heads", "num_heads", "n_head"],
  kvHeads: ["num_key_value_heads"],
  feedForward: ["moe_intermediate_size", "intermediate_size", "hidden_dim", "ffn_dim", "n_inner"],
  expertsUsed: ["num_experts_per_tok"],
  keyLength: ["head_dim"],
  valueLength: ["v_head_dim", "head_dim"],
  vocabulary: ["vocab_size"],
  experts: ["num_local_experts", "num_experts", "n_routed_experts"],
  contextLength: ["max_position_embeddings", "n_positions"],
} satisfies Record<string, ReadonlyArray<string>>

/**
 * What the JSON files of a model's folder say: config.json, the tokenizer's and those of sentence-transformers. For formats
 * whose weights are elsewhere, such as ONNX. Fails with `BadModel` if config.json is missing, or one of them is not as
 * expected.
 */
export const folderFacts = Effect.fn("FolderFacts.folderFacts")(function* (folder: string) {
  const modules = yield* sentenceModules(folder)
  const named = yield* namedFacts(join(folder, modules[0]?.path ?? ""))
  return { ...named, ...(yield* sentenceFacts(folder, modules, named.hiddenSize)) }
})

/** The facts that are written in JSON files beside the weights. */
export const namedFacts = Effect.fnUntraced(function* (folder: string) {
  const fs = yield* FileSystem.FileSystem
  const config = yield* jsonFile(join(folder, "config.json"))
  if (config === undefined)
    return yield* bad(`No config.json in ${folder}.`, "Name the folder that holds config.json and the weights.")
  const architecture = config["model_type"]
  if (typeof architecture !== "string" || architecture === "")
    return yield* bad(`${join(folder, "config.json")} names no model_type.`)
  const longest = (yield* jsonFile(join(folder, "sentence_bert_config.json")))?.["max_seq_length"]
  const template = (yield* jsonFile(join(folder, "tokenizer_config.json")))?.["chat_template"]
  const templateFile = yield* fs.exists(join(folder, "chat_template.jinja")).pipe(Effect.orElseSucceed(() => false))
  // Multimodal models have the language model's part in a separate object.
  const inner = config["text_config"]
  const settings: JsonObject = Predicate.isObject(inner) ? { ...config, ...inner } : config
  const facts: { [Fact in keyof typeof NAMES]?: number } = {}
  for (const fact of Object.keys(NAMES) as ReadonlyArray<keyof typeof NAMES>) {
    const value = NAMES[fact].map((name) => settings[name]).find(isCount)
    if (value !== undefined) facts[fact] = value
  }
  const positions = usablePositions(architecture, settings)
  const limits = [isCount(longest) ? longest : facts.contextLength, positions].filter((limit) => limit !== undefined)
  if (limits.length > 0) facts.contextLength = Math.min(...limits)
  const whole = config[CONFIG_MARK]
  const synthetic = isCount(whole) ? { synthetic: { layers: whole } } : {}
  return {
    ...facts,
    ...folderLayers(architecture, settings, facts.kvHeads ?? facts.heads),
    ...synthetic,
    ...(positions === undefined ? {} : { positions }),
    architecture,
    chatTemplate: templateFile || (template !== undefined && template !== null),
  }
})
