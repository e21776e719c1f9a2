import { masked } from "../Secrets.ts"
import type { Dataset } from "./Dataset.ts"
import type { Completion } from "./Request.ts"
import type { Scored } from "./Scored.ts"

/** The letters of choices, in their order. */
export const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

/** The longest tokens are 128 spaces or so: what is longer comes from a server that does not obey the limit. */
const PER_TOKEN = 256

/**
 * Each question's right answer beside what the model replied, without secrets that a server sent back, up to as many
 * characters as so many tokens can have. `undefined` where there is not one text for each question.
 */
export const scoreReplies = (
  { questions }: Extract<Dataset, { readonly measure: "tasks" }>,
  outputTokens: number,
  completions: ReadonlyArray<Completion | undefined>,
): Scored | undefined => {
  const most = PER_TOKEN * outputTokens
  const replies = completions.flatMap((completion) => {
    if (completion?.text === undefined) return []
    const text = masked(completion.text.slice(completion.reasoningLength))
    return [{ text: text.slice(0, most).toWellFormed(), cut: completion.finish === "length" || text.length > most }]
  })
  if (replies.length !== questions.length) return undefined
  return {
    measure: "tasks",
    questions: questions.map(({ answer, choices }, at) => {
      const { cut, text } = replies[at]!
      return {
        answer: choices === undefined ? answer : LETTERS[choices.indexOf(answer)]!,
        ...(choices === undefined ? {} : { choices: choices.length }),
        reply: text,
        ...(cut ? { cut } : {}),
      }
    }),
  }
}
