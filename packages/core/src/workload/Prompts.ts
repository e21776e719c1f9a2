import { Schema } from "effect"
import { Length } from "./Length.ts"

/** The name of a file without its ending: it leads out of no folder. */
export const PromptSetName = Schema.String.check(
  Schema.isPattern(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, { message: "Expected the name of a prompt set" }),
).annotate({ description: "A file of benchmarks/configs/prompts, without .jsonl" })

/** What is asked under a load: the prompts of a set in turn, or texts that are made up for their length. */
export const LoadPrompts = Schema.Union([PromptSetName, Schema.Struct({ tokens: Length })]).annotate({
  identifier: "LoadPrompts",
  description: "The name of a prompt set, or { tokens: … } for made-up texts of about so many tokens",
})
export type LoadPrompts = typeof LoadPrompts.Type

/** What a prompt cache can find: nothing, for every prompt begins as no other, or whatever the set repeats. */
export const CacheUse = Schema.Literals(["fresh", "repeated"])
export type CacheUse = typeof CacheUse.Type
