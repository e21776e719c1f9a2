import { Schema } from "effect"

/** What one turn of a conversation came to: medians over the measured trials. What is not known of each trial is left out. */
export const Turn = Schema.Struct({
  /** From 0. */
  turn: Schema.Int,
  /** Tokens of its prompt: all messages so far. */
  inputTokens: Schema.optionalKey(Schema.Finite),
  /** Those of them that the engine took from a cache. */
  cachedTokens: Schema.optionalKey(Schema.Finite),
  ttftMs: Schema.optionalKey(Schema.Finite),
  tpotMs: Schema.optionalKey(Schema.Finite),
})
export type Turn = typeof Turn.Type
