import type { SyntheticSafetensors } from "../../model/SyntheticModel.ts"
import { SYNTHETIC_WORDS } from "../../scenario/SyntheticText.ts"
import { SPECIAL, wordPieces } from "./Vocabulary.ts"

/** tokenizer.json of a synthetic model: WordPiece over a generated vocabulary. Pure. */
export const tokenizer = (model: SyntheticSafetensors) => {
  const special = (content: string) => ({ SpecialToken: { id: content, type_id: 0 } })
  const text = { Sequence: { id: "A", type_id: 0 } }
  const [start, , stop] = SPECIAL
  const single = model.architecture === "llama" ? [special(start), text] : [special(start), text, special(stop)]
  const vocabulary = wordPieces(model.vocabulary, model.architecture === "llama" ? SYNTHETIC_WORDS : [])
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: SPECIAL.map((content, id) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: {
      type: "BertNormalizer",
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: true,
      lowercase: true,
    },
    pre_tokenizer: { type: "BertPreTokenizer" },
    post_processor: {
      type: "TemplateProcessing",
      single,
      pair: [...single, ...single],
      special_tokens: Object.fromEntries(
        [start, stop].map((id) => [id, { id, ids: [SPECIAL.indexOf(id)], tokens: [id] }]),
      ),
    },
    decoder: { type: "WordPiece", prefix: "##", cleanup: false },
    model: {
      type: "WordPiece",
      unk_token: SPECIAL[3],
      continuing_subword_prefix: "##",
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(vocabulary.map((token, id) => [token, id])),
    },
  }
}
