import { Schema } from "effect"

const Share = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }))

const Cosine = Schema.Finite.check(Schema.isBetween({ minimum: -1, maximum: 1 }))

/** How alike two engines' answers to the same requests are, or the reason why that can't be said. */
export const Agreement = Schema.Union([
  Schema.Struct({
    kind: Schema.Literal("text"),
    /** Length of the beginning that two texts share over that of the longer one: mean over all prompts. */
    meanPrefix: Share,
    /** Number of prompts that were answered alike to the last character. */
    identical: Schema.Int,
    prompts: Schema.Int,
    /** Prompts that both engines read as the same number of tokens; left out when one does not tell. */
    sameInputTokens: Schema.optionalKey(Schema.Int),
  }),
  Schema.Struct({
    kind: Schema.Literal("vectors"),
    /** Of the angles between the two engines' vectors of one document, from −1 to 1: the least. */
    minCosine: Cosine,
    /** Over all documents, from −1 to 1. */
    meanCosine: Cosine,
    documents: Schema.Int,
  }),
  Schema.Struct({ absent: Schema.NonEmptyString }),
]).annotate({ identifier: "Agreement" })

export type Agreement = typeof Agreement.Type
