import { Schema } from "effect"

const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))

/** What was cut off the texts of a request to embed; or why that is unknown. */
export const Truncated = Schema.Union([
  Schema.Struct({
    /** Texts that were cut; left out if only their tokens are known. */
    documents: Schema.optionalKey(Count),
    /** Tokens that were dropped. */
    tokens: Count,
    /** `tokens` is a lower bound. */
    atLeast: Schema.optionalKey(Schema.Literal(true)),
  }),
  Schema.Struct({ unknown: Schema.NonEmptyString }),
])
export type Truncated = typeof Truncated.Type
