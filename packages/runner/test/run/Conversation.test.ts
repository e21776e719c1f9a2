import { assert, describe, it } from "@effect/vitest"
import type { PlannedRequest } from "@rigbook/core"
import { makeConversation } from "../../src/run/Conversation.ts"

const turn = (number: number, ...contents: ReadonlyArray<string>): PlannedRequest => ({
  prompt: number,
  turn: number,
  request: {
    task: "generate",
    prompt: { messages: contents.map((content) => ({ role: "user", content })) },
    outputTokens: 4,
  },
})

describe("makeConversation", () => {
  it("sends each turn after all messages and the model's own answers", () => {
    const { answered, next } = makeConversation("measured-0")
    const first = turn(0, "one")
    assert.deepStrictEqual(next(first), {
      task: "generate",
      prompt: { messages: [{ role: "user", content: "one" }] },
      outputTokens: 4,
      conversation: { id: "measured-0", turn: 0 },
    })
    answered("first")
    next(turn(1, "two"))
    answered("second")
    assert.deepStrictEqual(next(turn(2, "three")), {
      task: "generate",
      prompt: {
        messages: [
          { role: "user", content: "one" },
          { role: "assistant", content: "first" },
          { role: "user", content: "two" },
          { role: "assistant", content: "second" },
          { role: "user", content: "three" },
        ],
      },
      outputTokens: 4,
      conversation: { id: "measured-0", turn: 2 },
    })
  })

  it("leaves requests that are no turn as they are", () => {
    const { answered, next } = makeConversation("measured-0")
    const { turn: _, ...alone } = turn(0, "one")
    answered("never sent")
    assert.strictEqual(next(alone), alone.request)
  })
})
