import { SYNTHETIC_WORDS } from "../../scenario/SyntheticText.ts"

const LETTERS = "abcdefghijklmnopqrstuvwxyz"

/**
 * Tokens of a generated vocabulary: English is cut into pieces of two to three letters. Only the words of generated prompts
 * are whole, as in real tokenizers, so that a prompt of 10,000 tokens has as many here.
 */
const letterRuns = (length: number): ReadonlyArray<string> =>
  length === 0 ? [""] : letterRuns(length - 1).flatMap((run) => Array.from(LETTERS, (letter) => run + letter))

const printable = Array.from({ length: 0x7f - 0x21 }, (_, index) => String.fromCharCode(0x21 + index))

/** `size` different tokens, the first of `wanted` before fillers that occur in no text. */
const filled = (
  wanted: ReadonlyArray<string>,
  size: number,
  filler: (index: number) => string,
): ReadonlyArray<string> => Array.from({ length: size }, (_, index) => wanted[index] ?? filler(index))

/** Kinds of tokens in `tokenizer.ggml.token_type`. */
const KIND = { normal: 1, unknown: 2, control: 3, byte: 6 } as const

/** A tokenizer that joins pairs comes to a whole word by its beginnings only. */
const BEGINNINGS = SYNTHETIC_WORDS.flatMap((word) =>
  Array.from({ length: word.length - 2 }, (_, index) => word.slice(0, index + 3)),
)

const special = ["<unk>", "<s>", "</s>"]
const bytes = Array.from({ length: 256 }, (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`)

/** The first tokens of `sentencePieces`, which are no text by themselves: special ones, and single bytes. */
export const NO_TEXT = special.length + bytes.length

/** A vocabulary for llama.cpp's SentencePiece tokenizer: what no piece covers falls back to bytes. */
export const sentencePieces = (size: number) => {
  const starts = (length: number) => letterRuns(length).map((run) => `▁${run}`)
  const pieces = [
    "▁",
    ...printable,
    ...letterRuns(2),
    ...starts(1),
    ...starts(2),
    ...BEGINNINGS.map((begun) => `▁${begun}`),
    ...letterRuns(3),
    ...starts(3),
  ]
  const tokens = filled([...special, ...bytes, ...new Set(pieces)], size, (index) => `▁w${index}`)
  return {
    tokens,
    // The first pieces are joined first, like the ranks of a trained vocabulary.
    scores: tokens.map((_, index) => (index < NO_TEXT ? 0 : -index)),
    kinds: tokens.map((_, index) => {
      if (index < special.length) return index === 0 ? KIND.unknown : KIND.control
      return index < NO_TEXT ? KIND.byte : KIND.normal
    }),
  }
}

/** Special tokens of `wordPieces`, by their ids. */
export const SPECIAL = ["[CLS]", "[PAD]", "[SEP]", "[UNK]"] as const

/** A vocabulary for WordPiece: the start of a word, and its continuations, by runs of letters; and `words`. */
export const wordPieces = (size: number, words: ReadonlyArray<string> = []): ReadonlyArray<string> => {
  const runs = [1, 2, 3].flatMap(letterRuns)
  const pieces = runs.flatMap((run) => [run, `##${run}`])
  return filled([...new Set([...SPECIAL, ...printable, ...words, ...pieces])], size, (index) => `w${index}`)
}
