import { Schema } from "effect"

const Place = Schema.Int.check(Schema.isGreaterThan(0))

/** Whether the vectors came with a length of 1. Figures go by their direction alone. */
const normalized = Schema.Boolean

const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))
/** Little-endian float32 in base64, one for each position. */
const Packed = Schema.String
/** Null if a prediction is not a number. */
const Sum = Schema.NullOr(Schema.Finite)

/** How far predictions are from a reference's, in one chunk of a text. `surprise` and `referenceSurprise` are in nats. */
export const ChunkDivergence = Schema.Struct({
  /** Tokens that were predicted. */
  positions: Count,
  /** Kullback–Leibler divergence from the reference's distribution over the whole vocabulary, in nats. */
  divergences: Packed,
  /** Probability of the actual next token, minus the reference's. */
  changes: Packed,
  /** Σ −ln of the probability of the actual next token, and the reference's. */
  surprise: Sum,
  referenceSurprise: Sum,
  /** Positions at which both rank the same token first. */
  sameTop: Count,
})
export type ChunkDivergence = typeof ChunkDivergence.Type

/** A question's right answer, and what the model replied. */
const Replied = Schema.Struct({
  /** The letter of the right choice; without choices, the answer as the dataset has it. */
  answer: Schema.NonEmptyString,
  /** Number of choices that the question has; left out if it has none. */
  choices: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 2, maximum: 26 }))),
  reply: Schema.String,
  /** The reply was ended by the limit of tokens, not by the model. */
  cut: Schema.optionalKey(Schema.Boolean),
})

/** What a model's vectors, predictions or replies came to, one by one: all that figures of quality are made of. */
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
    /** By pair the numbers of its two texts, each different text having one, from 0; left out if no pairs share a text. */
    texts: Schema.optionalKey(Schema.Array(Schema.Tuple([Count, Count]))),
  }),
  Schema.Struct({
    measure: Schema.Literal("kld"),
    chunks: Schema.Array(ChunkDivergence),
    /** The largest divergence of the reference from itself in the first chunk, in nats per token: 0 if it is repeatable. */
    nullTest: Schema.optionalKey(Schema.Finite),
  }),
  Schema.Struct({
    measure: Schema.Literal("tasks"),
    questions: Schema.Array(Replied),
  }),
]).annotate({ identifier: "Scored" })
export type Scored = typeof Scored.Type
