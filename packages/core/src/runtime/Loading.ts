import { Schema as S } from "effect"

/** Tensors by their names: how many there are, and the first few. */
const Tensors = S.Struct({ count: S.Int, first: S.Array(S.NonEmptyString) })

/** What a library made of a model's files where these do not say all, as the library reports it. */
export const Loading = S.Struct({
  /** Weights that the model has and its files don't, so that they are made up. Left out are those that no vector depends on. */
  missing: Tensors,
  /** Weights in the files that the model does not have, and that were not used. */
  unexpected: Tensors,
  /** How the vectors of tokens become that of a text; `assumed` where the files don't say. */
  pooling: S.optionalKey(S.Struct({ mode: S.NonEmptyString, assumed: S.Boolean })),
  /** What the files say that the model was made for, such as `BertForMaskedLM`. */
  architecture: S.optionalKey(S.NonEmptyString),
  /** Number of tokens that its tokenizer knows. */
  vocabulary: S.optionalKey(S.Int),
})
export type Loading = typeof Loading.Type
