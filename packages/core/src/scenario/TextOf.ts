import type { Prompt } from "./Request.ts"

/** A prompt as plain text, without a model's chat template. */
export const textOf = (prompt: Prompt): string =>
  "text" in prompt ? prompt.text : prompt.messages.map(({ content }) => content).join("\n")
