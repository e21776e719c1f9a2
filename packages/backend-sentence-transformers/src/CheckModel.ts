import type { ModelFacts, OptionIssue } from "@rigbook/core"
import type { Options } from "./Options.ts"

/** Options that this model can't honour, each at its place. */
export const checkModel = (
  { maxLength, prompt, promptName }: Options,
  { architecture, positions = Infinity, prompts = {} }: ModelFacts,
): ReadonlyArray<OptionIssue> => {
  const issue = (path: string, message: string): OptionIssue => ({ path: [path], message })
  const known = Object.keys(prompts)
  return [
    ...(maxLength !== undefined && architecture === "static"
      ? [issue("maxLength", "the model is a table of tokens and takes texts of any length: leave it out")]
      : []),
    ...(maxLength !== undefined && maxLength > positions
      ? [issue("maxLength", `the model has ${positions} positions that can be used: ${positions} is the most`)]
      : []),
    ...(prompt !== undefined && promptName !== undefined
      ? [issue("promptName", "there is a prompt already: name it, or write it down, not both")]
      : []),
    ...(promptName !== undefined && !known.includes(promptName)
      ? [
          issue(
            "promptName",
            known.length === 0
              ? "the model's files have no prompts: write it down as prompt"
              : `the model's files have no such prompt; they have ${known.join(", ")}`,
          ),
        ]
      : []),
  ]
}
