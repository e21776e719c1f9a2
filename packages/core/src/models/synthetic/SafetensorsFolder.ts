import { ggmlTypeNamed } from "../../model/GgmlType.ts"
import { shapeOf, type SyntheticSafetensors } from "../../model/SyntheticModel.ts"
import { CONFIG_MARK } from "../formats/SyntheticMark.ts"
import { checkpointTensors, positionsOf, segmentsOf } from "./SafetensorsTensors.ts"
import { tokenizer } from "./Tokenizer.ts"
import { SPECIAL } from "./Vocabulary.ts"
import type { Part, WeightsFile } from "./WeightsFile.ts"

const TORCH_TYPES = { F32: "float32", F16: "float16", BF16: "bfloat16" } as const

/** model.safetensors of a synthetic model. Pure. */
export const safetensorsFile = (model: SyntheticSafetensors): WeightsFile => {
  const { blockBytes } = ggmlTypeNamed(model.quantization)
  let end = 0
  const tensors = checkpointTensors(model).map(({ name, shape }) => {
    const start = end
    end += shape.reduce((product, size) => product * size, blockBytes)
    return { name, shape, offsets: [start, end] as const }
  })
  const entries = tensors.map(({ name, offsets, shape }) => [
    name,
    { dtype: model.quantization, shape, data_offsets: offsets },
  ])
  const text = Buffer.from(JSON.stringify({ __metadata__: { format: "pt" }, ...Object.fromEntries(entries) }))
  const padded = Buffer.concat([text, Buffer.alloc((8 - (text.length % 8)) % 8, " ")])
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(padded.length))
  return {
    header: Buffer.concat([length, padded]),
    parts: tensors.map(({ name, offsets: [start, stop] }): Part => ({
      type: model.quantization,
      bytes: stop - start,
      fill: /norm\.weight$/i.test(name) ? "ones" : name.endsWith(".bias") ? "zeros" : "random",
      padding: 0,
    })),
  }
}

/** The files beside the weights that change a plan, by their names. Pure. */
export const outlineFiles = (model: SyntheticSafetensors): Readonly<Record<string, unknown>> => ({
  "config.json": {
    ...(model.architecture === "llama" ? llamaConfig(model) : encoderConfig(model)),
    torch_dtype: TORCH_TYPES[model.quantization],
    [CONFIG_MARK]: model.layers,
  },
  "tokenizer_config.json": {
    tokenizer_class: "PreTrainedTokenizerFast",
    model_max_length: model.contextLength,
    cls_token: SPECIAL[0],
    bos_token: SPECIAL[0],
    pad_token: SPECIAL[1],
    sep_token: SPECIAL[2],
    eos_token: SPECIAL[2],
    unk_token: SPECIAL[3],
    ...(model.architecture === "llama" ? { chat_template: TEMPLATE } : {}),
  },
  ...(model.architecture === "llama"
    ? {}
    : { "sentence_bert_config.json": { max_seq_length: model.contextLength, do_lower_case: false } }),
})

/** All files beside the weights. Pure. */
export const folderFiles = (model: SyntheticSafetensors): Readonly<Record<string, unknown>> => ({
  ...outlineFiles(model),
  "tokenizer.json": tokenizer(model),
  ...(model.architecture === "llama"
    ? {}
    : {
        "modules.json": [
          { idx: 0, name: "0", path: "", type: "sentence_transformers.models.Transformer" },
          { idx: 1, name: "1", path: "1_Pooling", type: "sentence_transformers.models.Pooling" },
        ],
        "1_Pooling/config.json": { word_embedding_dimension: model.hiddenSize, pooling_mode_mean_tokens: true },
      }),
})

const TEMPLATE =
  "{% for message in messages %}{{ message['role'] + ' ' + message['content'] + ' ' }}{% endfor %}assistant "

const sizes = (model: SyntheticSafetensors) => {
  const { heads, hidden, inner, layers, vocabulary } = shapeOf(model)
  return {
    vocab_size: vocabulary,
    hidden_size: hidden,
    num_hidden_layers: layers,
    num_attention_heads: heads,
    intermediate_size: inner,
    bos_token_id: 0,
    pad_token_id: 1,
    eos_token_id: 2,
  }
}

const llamaConfig = (model: SyntheticSafetensors) => {
  const { headSize, kvHeads } = shapeOf(model)
  return {
    architectures: ["LlamaForCausalLM"],
    model_type: "llama",
    ...sizes(model),
    num_key_value_heads: kvHeads,
    head_dim: headSize,
    max_position_embeddings: model.contextLength,
    hidden_act: "silu",
    rms_norm_eps: 1e-5,
    rope_theta: 10_000,
    tie_word_embeddings: false,
  }
}

const encoderConfig = (model: SyntheticSafetensors) => ({
  architectures: [model.architecture === "bert" ? "BertModel" : "XLMRobertaModel"],
  model_type: model.architecture,
  ...sizes(model),
  max_position_embeddings: positionsOf(model),
  type_vocab_size: segmentsOf(model),
  hidden_act: "gelu",
  layer_norm_eps: 1e-5,
  position_embedding_type: "absolute",
})
