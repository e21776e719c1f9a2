import { shapeOf, type SyntheticSafetensors } from "../../model/SyntheticModel.ts"

/** A tensor of a checkpoint, by the name and shape that Transformers looks for. */
export interface CheckpointTensor {
  readonly name: string
  readonly shape: ReadonlyArray<number>
}

/** Rows of the table of positions: XLM-R reserves the first two for padding. */
export const positionsOf = ({ architecture, contextLength, positions }: SyntheticSafetensors): number =>
  positions ?? contextLength + (architecture === "xlm-roberta" ? 2 : 0)

/** Kinds of segments that an encoder distinguishes. */
export const segmentsOf = ({ architecture }: SyntheticSafetensors): number => (architecture === "bert" ? 2 : 1)

/** The tensors of a checkpoint. Source: the modules of `modeling_llama.py`, `modeling_bert.py` in Transformers. */
export const checkpointTensors = (model: SyntheticSafetensors): ReadonlyArray<CheckpointTensor> =>
  model.architecture === "llama" ? llama(model) : encoder(model)

const weight = (name: string, ...shape: ReadonlyArray<number>): CheckpointTensor => ({ name: `${name}.weight`, shape })

const linear = (name: string, out: number, into: number): ReadonlyArray<CheckpointTensor> => [
  weight(name, out, into),
  { name: `${name}.bias`, shape: [out] },
]

const norm = (name: string, size: number): ReadonlyArray<CheckpointTensor> => [
  weight(name, size),
  { name: `${name}.bias`, shape: [size] },
]

const llama = (model: SyntheticSafetensors): ReadonlyArray<CheckpointTensor> => {
  const { headSize, heads, hidden, inner, kvHeads, layers, vocabulary } = shapeOf(model)
  const layer = (at: string): ReadonlyArray<CheckpointTensor> => [
    weight(`${at}.input_layernorm`, hidden),
    weight(`${at}.self_attn.q_proj`, heads * headSize, hidden),
    weight(`${at}.self_attn.k_proj`, kvHeads * headSize, hidden),
    weight(`${at}.self_attn.v_proj`, kvHeads * headSize, hidden),
    weight(`${at}.self_attn.o_proj`, hidden, heads * headSize),
    weight(`${at}.post_attention_layernorm`, hidden),
    weight(`${at}.mlp.gate_proj`, inner, hidden),
    weight(`${at}.mlp.up_proj`, inner, hidden),
    weight(`${at}.mlp.down_proj`, hidden, inner),
  ]
  return [
    weight("model.embed_tokens", vocabulary, hidden),
    ...Array.from({ length: layers }, (_, at) => layer(`model.layers.${at}`)).flat(),
    weight("model.norm", hidden),
    weight("lm_head", vocabulary, hidden),
  ]
}

const encoder = (model: SyntheticSafetensors): ReadonlyArray<CheckpointTensor> => {
  const { headSize, heads, hidden, inner, layers, vocabulary } = shapeOf(model)
  const layer = (at: string): ReadonlyArray<CheckpointTensor> => [
    ...["query", "key", "value"].flatMap((part) => linear(`${at}.attention.self.${part}`, heads * headSize, hidden)),
    ...linear(`${at}.attention.output.dense`, hidden, heads * headSize),
    ...norm(`${at}.attention.output.LayerNorm`, hidden),
    ...linear(`${at}.intermediate.dense`, inner, hidden),
    ...linear(`${at}.output.dense`, hidden, inner),
    ...norm(`${at}.output.LayerNorm`, hidden),
  ]
  return [
    weight("embeddings.word_embeddings", vocabulary, hidden),
    weight("embeddings.position_embeddings", positionsOf(model), hidden),
    weight("embeddings.token_type_embeddings", segmentsOf(model), hidden),
    ...norm("embeddings.LayerNorm", hidden),
    ...Array.from({ length: layers }, (_, at) => layer(`encoder.layer.${at}`)).flat(),
    ...linear("pooler.dense", hidden, hidden),
  ]
}
