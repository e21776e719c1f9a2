import { Schema } from "effect"

const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))

/** What was cut off the documents before they were embedded, in the trial that lost most; or why that is unknown. */
export const Truncation = Schema.Union([
  Schema.Struct({
    /** Documents that were cut; left out if only tokens are known. */
    documents: Schema.optionalKey(Count),
    /** All documents. */
    of: Count,
    /** Tokens that were dropped. */
    tokens: Count,
    /** Tokens of the complete documents; left out if the engine does not count them. */
    ofTokens: Schema.optionalKey(Count),
    /** `tokens` is a lower bound. */
    atLeast: Schema.optionalKey(Schema.Literal(true)),
    /** Tokens that a document may have, if the engine reports it. */
    maxLength: Schema.optionalKey(Schema.Int),
  }),
  Schema.Struct({ unknown: Schema.NonEmptyString }),
])
export type Truncation = typeof Truncation.Type
