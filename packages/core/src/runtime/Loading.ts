import { Schema as S } from "effect"

/** Tensors by their names: how many there are, and the first few. */
const Tensors = S.Struct({ count: S.Int, first: S.Array(S.NonEmptyString) })

/** How a library loaded a model whose files are incomplete, as the library reports it. */
export const Loading = S.Struct({
  /**
   * Weights that the model has but its files don't, so they were initialized at random. Excludes those that no vector
   * depends on.
   */
  missing: Tensors,
  /** Weights in the files that the model does not have, and that were not used. */
  unexpected: Tensors,
  /** How token vectors become a text's vector; `assumed` if the files don't say. */
  pooling: S.optionalKey(S.Struct({ mode: S.NonEmptyString, assumed: S.Boolean })),
  /** The architecture in the files, such as `BertForMaskedLM`. */
  architecture: S.optionalKey(S.NonEmptyString),
  /** Number of tokens that its tokenizer knows. */
  vocabulary: S.optionalKey(S.Int),
})
export type Loading = typeof Loading.Type
