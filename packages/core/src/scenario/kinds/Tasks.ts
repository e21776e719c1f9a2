import { Effect, Schema } from "effect"
import { Tokens } from "../Amounts.ts"
import { type Dataset, DatasetSource, type Question } from "../Dataset.ts"
import { LETTERS, scoreReplies } from "../ScoreReplies.ts"
import type { TrialWork } from "../TrialWork.ts"

/** Tokens that an answer without reasons takes at most. */
export const REPLY_TOKENS = 16

/** How many questions are answered rightly: each is a chat of its own, answered greedily. No figure of it is a time. */
export const TaskQuality = Schema.Struct({
  kind: Schema.Literal("quality"),
  measure: Schema.Literal("tasks"),
  dataset: DatasetSource,
  /** The most tokens of a reply; a model that reasons before it answers needs more than the default. */
  outputTokens: Tokens.pipe(Schema.withDecodingDefaultKey(Effect.succeed(REPLY_TOKENS))),
}).annotate({ identifier: "TaskQuality" })
export type TaskQuality = typeof TaskQuality.Type

export const tasksWork = (
  { outputTokens }: TaskQuality,
  dataset: Extract<Dataset, { readonly measure: "tasks" }>,
): TrialWork => ({
  requests: dataset.questions.map((question, at) => ({
    prompt: at,
    request: {
      task: "generate",
      prompt: { messages: [{ role: "user", content: contentOf(question) }] },
      outputTokens,
      natural: true,
    },
  })),
  score: (completions) => scoreReplies(dataset, outputTokens, completions),
})

/** What the model is sent. */
export const contentOf = ({ choices, question }: Question): string =>
  choices === undefined
    ? `${question}\n\nReply with the answer alone, in as few words as possible.`
    : [
        question,
        choices.map((choice, at) => `${LETTERS[at]}. ${choice}`).join("\n"),
        "Reply with the letter of the right answer alone.",
      ].join("\n\n")
