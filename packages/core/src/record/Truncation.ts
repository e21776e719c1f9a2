import { Schema } from "effect"

const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))

/** What was cut off the documents of a trial before they were embedded, of that which lost most; or why nobody knows. */
export const Truncation = Schema.Union([
  Schema.Struct({
    /** Documents that were cut; left out where only tokens are known. */
    documents: Schema.optionalKey(Count),
    /** All documents. */
    of: Count,
    /** Tokens that were dropped. */
    tokens: Count,
    /** Tokens that the documents have, whole; left out where the engine counts none. */
    ofTokens: Schema.optionalKey(Count),
    /** `tokens` is the least that it can be. */
    atLeast: Schema.optionalKey(Schema.Literal(true)),
    /** Tokens that a document may have, where the engine tells. */
    maxLength: Schema.optionalKey(Schema.Int),
  }),
  Schema.Struct({ unknown: Schema.NonEmptyString }),
])
export type Truncation = typeof Truncation.Type
