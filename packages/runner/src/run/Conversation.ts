import type { DivergeRequest, PlannedRequest, Prompt, Request } from "@rigbook/core"

type Messages = Extract<Prompt, { readonly messages: unknown }>["messages"]

/** The conversation of a trial: what was said so far, the model's own answers among it. */
export interface Conversation {
  /** What to send for a turn: its message, after all others. A request that is no turn is sent as planned. */
  readonly next: (planned: PlannedRequest) => Request | DivergeRequest
  /** What the model answered, reasoning included. */
  readonly answered: (text: string) => void
}

/** `id`: which conversation of the engine's life it is. */
export const makeConversation = (id: string): Conversation => {
  let messages: Messages = []
  return {
    next: ({ request, turn }) => {
      if (turn === undefined || request.task !== "generate" || !("messages" in request.prompt)) return request
      messages = [...messages, ...request.prompt.messages]
      return { ...request, prompt: { messages }, conversation: { id, turn } }
    },
    answered: (content) => void (messages = [...messages, { role: "assistant", content }]),
  }
}
