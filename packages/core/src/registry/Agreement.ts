import { Schema } from "effect"

const Share = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }))

const Cosine = Schema.Finite.check(Schema.isBetween({ minimum: -1, maximum: 1 }))

/** How alike two engines' answers to the same requests are, or the reason why that is unknown. */
export const Agreement = Schema.Union([
  Schema.Struct({
    kind: Schema.Literal("text"),
    /** Length of the common prefix of two texts divided by that of the longer one, from 0 to 1: mean over all prompts. */
    meanPrefix: Share,
    /** Number of prompts with identical answers. */
    identical: Schema.Int,
    prompts: Schema.Int,
    /** Prompts for which both engines count the same number of tokens; left out if one does not report it. */
    sameInputTokens: Schema.optionalKey(Schema.Int),
  }),
  Schema.Struct({
    kind: Schema.Literal("vectors"),
    /** Smallest cosine between the two engines' vectors of one document, from −1 to 1. */
    minCosine: Cosine,
    /** Over all documents, from −1 to 1. */
    meanCosine: Cosine,
    documents: Schema.Int,
  }),
  Schema.Struct({ absent: Schema.NonEmptyString }),
]).annotate({ identifier: "Agreement" })

export type Agreement = typeof Agreement.Type
