import { Effect, Schema } from "effect"
import { Amount, Tokens } from "../Amounts.ts"
import { lengthName, Natural, outputLength } from "../Length.ts"
import { marked } from "../Marked.ts"
import { Prompts, promptsName } from "../Prompts.ts"
import type { Prompt } from "../Request.ts"
import type { ScenarioKind } from "../ScenarioKind.ts"
import { tokensOfFirst } from "../TrialTokens.ts"

/**
 * One conversation: each turn sends all messages so far, the model's own answers among them, so that the prompt grows and
 * the engine may find the most of it in its prefix cache.
 */
export const MultiTurn = Schema.Struct({
  kind: Schema.Literal("multi-turn"),
  /** Its messages of users are the turns, in their order; a plain text is one. */
  prompts: Prompts,
  /** Turns of the one conversation of a trial: a user's message and the model's answer each. */
  turns: Amount.check(Schema.isGreaterThanOrEqualTo(2)).pipe(Schema.withDecodingDefaultKey(Effect.succeed(4))),
  /** Tokens that each answer has to have. */
  outputTokens: Schema.Union([Tokens, Natural]).pipe(Schema.withDecodingDefaultKey(Effect.succeed(128))),
}).annotate({ identifier: "MultiTurn" })
export type MultiTurn = typeof MultiTurn.Type

type Messages = Extract<Prompt, { readonly messages: unknown }>["messages"]

const messagesOf = (prompt: Prompt | undefined, role: Messages[number]["role"]): Messages =>
  prompt === undefined
    ? []
    : "messages" in prompt
      ? prompt.messages.filter((message) => message.role === role)
      : role === "user"
        ? [{ role, content: prompt.text }]
        : []

export const multiTurn: ScenarioKind<MultiTurn> = {
  task: "generate",
  load: false,
  rungs: (scenario) => [scenario],
  prompts: ({ prompts }) => prompts,
  unfit: (_, { prompts }) =>
    prompts.some((prompt) => messagesOf(prompt, "user").length > 0)
      ? undefined
      : { field: "prompts", detail: "no prompt has a message of a user" },
  name: ({ outputTokens, prompts, turns }) => `multi-turn-${promptsName(prompts)}-${turns}x${lengthName(outputTokens)}`,
  order: ({ outputTokens, turns }) => [turns, outputLength(outputTokens).outputTokens],
  // A system message is that of the first prompt. No trial's conversation begins like that of another.
  work: ({ outputTokens, turns }, { prompts }, round) => {
    const said = prompts.flatMap((prompt, at) => messagesOf(prompt, "user").map((message) => ({ at, message })))
    return {
      requests: Array.from({ length: said.length === 0 ? 0 : turns }, (_, turn) => {
        const { at, message } = said[turn % said.length]!
        const prompt =
          turn === 0
            ? marked({ messages: [...messagesOf(prompts[at], "system"), message] }, round)
            : { messages: [message] }
        return { prompt: at, turn, request: { task: "generate", prompt, ...outputLength(outputTokens) } }
      }),
    }
  },
  // As if all of a conversation but the last message were in the engine's cache.
  tokens: ({ outputTokens, turns }, { prompts }) => ({
    read: tokensOfFirst(turns, prompts),
    written: turns * outputLength(outputTokens).outputTokens,
  }),
}
