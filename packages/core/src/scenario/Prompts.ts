import { Schema } from "effect"
import { Length, lengthName } from "./Length.ts"

/** The name of a file without its ending: it can't lead out of the folder. */
export const PromptSetName = Schema.String.check(
  Schema.isPattern(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, { message: "Expected the name of a prompt set" }),
).annotate({ description: "A file of benchmarks/configs/prompts, without .jsonl" })

/** A file of the workspace, by its path from the root: it can't lead out of the workspace. */
export const WorkspaceFile = Schema.NonEmptyString.check(
  Schema.makeFilter((path) => !/^([/\\]|[A-Za-z]:)|(^|[/\\])\.\.([/\\]|$)/.test(path), {
    message: "Expected a path inside the workspace, from its root",
  }),
).annotate({ description: "A path from the workspace's root" })

/** A user's own prompts: a file of JSON lines with `prompt`, `text` or `messages` each. */
export const PromptFile = Schema.Struct({ file: WorkspaceFile })

/** The questions of a set, or those of a file. */
export const Prompts = Schema.Union([PromptSetName, PromptFile]).annotate({
  identifier: "Prompts",
  description: "The name of a prompt set, or { file: … } for JSON lines of the workspace",
})
export type Prompts = typeof Prompts.Type

/** The prompts of a load: those of a set or file in turn, or texts generated with a given length. */
export const LoadPrompts = Schema.Union([PromptSetName, PromptFile, Schema.Struct({ tokens: Length })]).annotate({
  identifier: "LoadPrompts",
  description:
    "The name of a prompt set, { file: … } for JSON lines of the workspace, or { tokens: … } for generated texts of about this many tokens",
})
export type LoadPrompts = typeof LoadPrompts.Type

/** What a prompt cache can find: nothing, because every prompt begins differently, or whatever the set repeats. */
export const CacheUse = Schema.Literals(["fresh", "repeated"])
export type CacheUse = typeof CacheUse.Type

/** Of prompts in a scenario's name. */
export const promptsName = (prompts: LoadPrompts): string =>
  typeof prompts === "string"
    ? prompts
    : "file" in prompts
      ? fileName(prompts.file)
      : `${lengthName(prompts.tokens)}-tokens`

/** Of a path its last part, without its ending. */
export const fileName = (path: string): string => path.replace(/^.*[/\\]/, "").replace(/\.\w+$/, "")
