import type { GgufTensor } from "../../core/src/models/formats/GgufWriter.ts"
import { ggufBytes } from "../../core/test/models/formats/ggufBytes.ts"

const LAYERS = 4
const WIDTH = 64
const EXPERTS = 8
const EXPERT_WIDTH = 256

const hex = (byte: number): string => byte.toString(16).toUpperCase().padStart(2, "0")

/** Tokens of single bytes, behind the three that each tokenizer has. */
const SPECIAL = 3
const TOKENS = ["<unk>", "<s>", "</s>", ...Array.from({ length: 256 }, (_, byte) => `<0x${hex(byte)}>`)]

const tensor = (name: string, ...shape: ReadonlyArray<number>): GgufTensor => ({
  name,
  shape,
  type: 0,
  bytes: 4 * shape.reduce((product, size) => product * size, 1),
})

const layer = (index: number): ReadonlyArray<GgufTensor> =>
  [
    tensor("attn_norm", WIDTH),
    tensor("ffn_norm", WIDTH),
    ...["attn_q", "attn_k", "attn_v", "attn_output"].map((name) => tensor(name, WIDTH, WIDTH)),
    tensor("ffn_gate_inp", WIDTH, EXPERTS),
    tensor("ffn_gate_exps", WIDTH, EXPERT_WIDTH, EXPERTS),
    tensor("ffn_up_exps", WIDTH, EXPERT_WIDTH, EXPERTS),
    tensor("ffn_down_exps", EXPERT_WIDTH, WIDTH, EXPERTS),
  ].map((one) => ({ ...one, name: `blk.${index}.${one.name}.weight` }))

const TENSORS = [
  tensor("token_embd.weight", WIDTH, TOKENS.length),
  ...Array.from({ length: LAYERS }, (_, index) => layer(index)).flat(),
  tensor("output_norm.weight", WIDTH),
  tensor("output.weight", WIDTH, TOKENS.length),
]

const METADATA = {
  "general.architecture": { string: "llama" },
  "llama.context_length": { u32: 512 },
  "llama.embedding_length": { u32: WIDTH },
  "llama.block_count": { u32: LAYERS },
  "llama.feed_forward_length": { u32: EXPERT_WIDTH },
  "llama.attention.head_count": { u32: 4 },
  "llama.attention.head_count_kv": { u32: 4 },
  "llama.attention.layer_norm_rms_epsilon": { f32: 1e-5 },
  "llama.rope.dimension_count": { u32: WIDTH / 4 },
  "llama.expert_count": { u32: EXPERTS },
  "llama.expert_used_count": { u32: 2 },
  "tokenizer.ggml.model": { string: "llama" },
  "tokenizer.ggml.tokens": { strings: TOKENS },
  "tokenizer.ggml.scores": { f32s: TOKENS.map(() => 0) },
  // 2: unknown, 3: control, 6: a byte.
  "tokenizer.ggml.token_type": { i32s: TOKENS.map((_, index) => (index === 0 ? 2 : index < SPECIAL ? 3 : 6)) },
  "tokenizer.ggml.bos_token_id": { u32: 1 },
  "tokenizer.ggml.eos_token_id": { u32: 2 },
}

/** A mixture of experts that llama-server loads and runs: 4 layers of 8 experts, 1.5 MiB a layer; random weights. */
export const mixtureBytes = (): Buffer => {
  const bytes = ggufBytes(METADATA, TENSORS)
  const weights = TENSORS.reduce((sum, { bytes: size }) => sum + size, 0)
  let state = 1
  for (let at = bytes.length - weights; at < bytes.length; at += 4) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    bytes.writeFloatLE((state / 2 ** 32 - 0.5) / 4, at)
  }
  // It writes ASCII only: one byte of many that make a character would be no text.
  const output = bytes.length - 4 * WIDTH * TOKENS.length
  const row = 4 * WIDTH
  bytes.fill(0, output, output + row * (SPECIAL + 0x20))
  bytes.fill(0, output + row * (SPECIAL + 0x7f))
  return bytes
}
