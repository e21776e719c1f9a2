import { ggmlType } from "../../model/GgmlType.ts"
import { fileTypeOf } from "../../model/Recipe.ts"
import { shapeOf, type SyntheticGguf } from "../../model/SyntheticModel.ts"
import { ggufHeader, type GgufTensor, type GgufValue, paddingAfter } from "../formats/GgufWriter.ts"
import { GGUF_MARK } from "../formats/SyntheticMark.ts"
import { ggufTensors } from "./GgufTensors.ts"
import { NO_TEXT, sentencePieces } from "./Vocabulary.ts"
import type { Part, WeightsFile } from "./WeightsFile.ts"

const TEMPLATE = "{% for message in messages %}{{ message['role'] }}: {{ message['content'] }}\n{% endfor %}assistant: "

/** A synthetic model as a GGUF file that llama.cpp loads. Pure. */
export const ggufFile = (model: SyntheticGguf): WeightsFile => {
  const { kinds, scores, tokens } = sentencePieces(model.vocabulary)
  return file(model, {
    "tokenizer.ggml.model": { string: "llama" },
    "tokenizer.ggml.tokens": { strings: tokens },
    "tokenizer.ggml.scores": { f32s: scores },
    "tokenizer.ggml.token_type": { i32s: kinds },
    "tokenizer.ggml.unknown_token_id": { u32: 0 },
    "tokenizer.ggml.bos_token_id": { u32: 1 },
    "tokenizer.ggml.eos_token_id": { u32: 2 },
  })
}

/** Its header without the tokens, which take long to read and don't affect a plan. */
export const ggufOutline = (model: SyntheticGguf): Buffer =>
  file(model, { "tokenizer.ggml.model": { string: "no_vocab" } }).header

const file = (model: SyntheticGguf, tokenizer: Readonly<Record<string, GgufValue>>): WeightsFile => {
  const tensors = ggufTensors(model)
  return { header: ggufHeader({ ...metadata(model), ...tokenizer }, tensors), parts: tensors.flatMap(partsOf) }
}

/**
 * Rows of the output that are zero give their tokens a score of 0, which is never the highest beside hundreds of random ones: an
 * answer of single bytes would be no text, and llama-server answers with an error then. Zero bytes are weights of 0 in every type.
 */
const partsOf = (tensor: GgufTensor): ReadonlyArray<Part> => {
  const whole = part(tensor)
  if (tensor.name !== "output.weight") return [whole]
  const bytes = (tensor.bytes / tensor.shape.at(-1)!) * NO_TEXT
  return [
    { ...whole, bytes, fill: "zeros", padding: 0 },
    { ...whole, bytes: whole.bytes - bytes },
  ]
}

const part = ({ bytes, name, type }: GgufTensor): Part => ({
  type: ggmlType(type)!.name,
  bytes,
  fill: name.endsWith("_norm.weight") ? "ones" : name.endsWith(".bias") ? "zeros" : "random",
  padding: paddingAfter(bytes),
})

const metadata = (model: SyntheticGguf): Readonly<Record<string, GgufValue>> => {
  const { experts, headSize, heads, hidden, inner, kvHeads, layers } = shapeOf(model)
  const own: Readonly<Record<string, GgufValue>> = {
    vocab_size: { u32: model.vocabulary },
    context_length: { u32: model.contextLength },
    block_count: { u32: layers },
    embedding_length: { u32: hidden },
    feed_forward_length: { u32: inner },
    "attention.head_count": { u32: heads },
    "attention.head_count_kv": { u32: kvHeads },
    "attention.key_length": { u32: headSize },
    "attention.value_length": { u32: headSize },
    "attention.layer_norm_rms_epsilon": { f32: 1e-5 },
    "rope.dimension_count": { u32: headSize },
    ...(experts === 0
      ? {}
      : { expert_count: { u32: experts }, expert_used_count: { u32: model.expertsUsed ?? experts } }),
  }
  return {
    "general.architecture": { string: model.architecture },
    "general.file_type": { u32: fileTypeOf(model.quantization) },
    "general.quantization_version": { u32: 2 },
    [GGUF_MARK]: { u32: model.layers },
    ...Object.fromEntries(Object.entries(own).map(([key, value]) => [`${model.architecture}.${key}`, value])),
    "tokenizer.chat_template": { string: TEMPLATE },
  }
}
