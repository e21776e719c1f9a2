import { Schema } from "effect"

const Place = Schema.Int.check(Schema.isGreaterThan(0))

/** Whether the vectors came with a length of 1. Figures go by their direction alone. */
const normalized = Schema.Boolean

/** What a model's vectors came to, query by query or pair by pair: all that figures of quality are made of. */
export const Scored = Schema.Union([
  Schema.Struct({
    measure: Schema.Literal("retrieval"),
    normalized,
    /** Documents that each query was compared with. */
    documents: Place,
    /** By query the ranks, from 1, of the documents that answer it; null where a vector has no direction. */
    ranks: Schema.Array(Schema.NullOr(Schema.Array(Place))),
  }),
  Schema.Struct({
    measure: Schema.Literal("sts"),
    normalized,
    /** By pair the cosine of the two vectors, from −1 to 1 (no unit); null where one has no direction. */
    cosines: Schema.Array(Schema.NullOr(Schema.Finite)),
    /** By pair, how alike people find the two, on the dataset's own scale: only its order is used, so it has no unit. */
    scores: Schema.Array(Schema.Finite),
  }),
]).annotate({ identifier: "Scored" })
export type Scored = typeof Scored.Type
