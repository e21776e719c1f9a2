import type { Dataset } from "./Dataset.ts"
import type { Completion } from "./Request.ts"
import type { Scored } from "./Scored.ts"

/** The letters of choices, in their order. */
export const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

/**
 * Each question's right answer beside what the model replied. Pure. `undefined` where there is not one text for each
 * question.
 */
export const scoreReplies = (
  { questions }: Extract<Dataset, { readonly measure: "tasks" }>,
  completions: ReadonlyArray<Completion | undefined>,
): Scored | undefined => {
  const replies = completions.flatMap((completion) =>
    completion?.text === undefined
      ? []
      : [{ text: completion.text.slice(completion.reasoningLength), cut: completion.finish === "length" }],
  )
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
