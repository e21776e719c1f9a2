import { textSha256 } from "../TextHash.ts"
import type { Prompt } from "./Request.ts"

/** A mark at the very beginning, made from `what`, makes everything after it new to a prefix cache. */
export const marked = (prompt: Prompt, what: string): Prompt => {
  const mark = textSha256(what).slice(0, 8)
  return "text" in prompt
    ? { text: `${mark} ${prompt.text}` }
    : {
        messages: prompt.messages.map((message, index) =>
          index === 0 ? { ...message, content: `${mark} ${message.content}` } : message,
        ),
      }
}
