import type { ModelFacts, OptionIssue } from "@rigbook/core"
import type { Options } from "./Options.ts"

/** Options that this model does not support, each with its path. */
export const checkModel = (
  { maxLength, prompt, promptName }: Options,
  { architecture, positions = Infinity, prompts = {} }: ModelFacts,
): ReadonlyArray<OptionIssue> => {
  const issue = (path: string, message: string): OptionIssue => ({ path: [path], message })
  const known = Object.keys(prompts)
  return [
    ...(maxLength !== undefined && architecture === "static"
      ? [issue("maxLength", "the model is a table of tokens and takes texts of any length: remove this option")]
      : []),
    ...(maxLength !== undefined && maxLength > positions
      ? [issue("maxLength", `the model has ${positions} positions: use at most ${positions}`)]
      : []),
    ...(prompt !== undefined && promptName !== undefined
      ? [issue("promptName", "prompt is set already: use either prompt or promptName")]
      : []),
    ...(promptName !== undefined && !known.includes(promptName)
      ? [
          issue(
            "promptName",
            known.length === 0
              ? "the model's files have no prompts: set prompt instead"
              : `the model's files have no such prompt; they have ${known.join(", ")}`,
          ),
        ]
      : []),
  ]
}
