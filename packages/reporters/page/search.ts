/** What is searched: a name is found by how its words begin, a term only whole, so that `llama` is not `llamacpp`. */
export interface Searched {
  readonly names: ReadonlyArray<string>
  readonly terms: ReadonlySet<string>
}

/** Of texts; a version or a quantization is one word: `3.1`, `q4_k_m`. Pure. */
export const wordsOf = (...texts: ReadonlyArray<string | undefined>): ReadonlyArray<string> => [
  ...new Set(
    texts.flatMap((text = "") =>
      text
        .toLowerCase()
        .split(/[^\p{L}\p{N}._]+/u)
        .filter(Boolean),
    ),
  ),
]

export const searchedOf = (
  names: ReadonlyArray<string | undefined>,
  terms: ReadonlyArray<string | undefined>,
): Searched => ({ names: wordsOf(...names), terms: new Set(wordsOf(...terms)) })

/** Whether every word is found. Pure. */
export const isFound = (words: ReadonlyArray<string>, { names, terms }: Searched): boolean =>
  words.every((word) => terms.has(word) || names.some((name) => name.startsWith(word)))
