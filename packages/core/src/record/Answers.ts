import { Schema } from "effect"

const Count = Schema.Int.check(Schema.isGreaterThan(0))

/**
 * What a model answered to a few fixed requests, asked once a cell and outside of its trials: so that engines which
 * run one model can be held against each other.
 */
export const Answers = Schema.Union([
  Schema.Struct({
    /** Written greedily to the first prompts of the set, in their order. */
    texts: Schema.NonEmptyArray(
      Schema.Struct({
        text: Schema.String,
        /** Tokens that the engine read the prompt as: a template or tokenizer that differs shows here first. */
        inputTokens: Schema.optionalKey(Count),
      }),
    ),
    /** Tokens that were asked for, of each text. */
    outputTokens: Count,
  }),
  Schema.Struct({
    /** Of the first documents of the set, in their order. */
    vectors: Schema.Struct({
      count: Count,
      dimensions: Count,
      /** The vectors one after the other, as little-endian float32. */
      base64: Schema.String,
    }),
  }),
  Schema.Struct({ absent: Schema.NonEmptyString }),
]).annotate({ identifier: "Answers" })

export type Answers = typeof Answers.Type
