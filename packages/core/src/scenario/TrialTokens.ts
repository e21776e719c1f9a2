import type { Prompt } from "./Request.ts"
import { textOf } from "./TextOf.ts"

/** Tokens of one trial, estimated from its texts: some go through the model many at once, others are written one by one. */
export interface TrialTokens {
  readonly read: number
  readonly written: number
}

/** UTF-8 bytes of a token, as English text has them. */
const TOKEN_BYTES = 4

/** About how many tokens texts have. */
export const tokensIn = (texts: ReadonlyArray<string>): number =>
  texts.reduce((sum, text) => sum + Math.ceil(Buffer.byteLength(text) / TOKEN_BYTES), 0)

/** About how many tokens the first prompts of a set have; a set that is too short starts over. */
export const tokensOfFirst = (count: number, prompts: ReadonlyArray<Prompt>): number => {
  const first = prompts.slice(0, count)
  return first.length === 0 ? 0 : (tokensIn(first.map(textOf)) * count) / first.length
}
