import { Schema } from "effect"

const Count = Schema.Int.check(Schema.isGreaterThan(0))

/**
 * What a model answered to a few fixed requests, sent once per cell and outside of its trials: so that engines that
 * run one model can be compared.
 */
export const Answers = Schema.Union([
  Schema.Struct({
    /** Written greedily to the first prompts of the set, in their order. */
    texts: Schema.NonEmptyArray(
      Schema.Struct({
        text: Schema.String,
        /** The engine's token count of the prompt: a different template or tokenizer shows here first. */
        inputTokens: Schema.optionalKey(Count),
      }),
    ),
    /** Tokens requested for each text. */
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
