import { Schema } from "effect"

const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))

/** What was cut off the texts of a request to embed, so that the model did not get it; or why nobody knows. */
export const Truncated = Schema.Union([
  Schema.Struct({
    /** Texts that were cut; left out where only their tokens are known. */
    documents: Schema.optionalKey(Count),
    /** Tokens that were dropped. */
    tokens: Count,
    /** `tokens` is the least that it can be. */
    atLeast: Schema.optionalKey(Schema.Literal(true)),
  }),
  Schema.Struct({ unknown: Schema.NonEmptyString }),
])
export type Truncated = typeof Truncated.Type
