import { Schema } from "effect"

const Milliseconds = Schema.optionalKey(Schema.Finite.check(Schema.isGreaterThan(0)))

/** Service-level objectives: the longest times, in milliseconds, that a request may take to count as good. */
export const Slo = Schema.Struct({
  /** To the first token. */
  ttft: Milliseconds,
  /** For each token after the first. */
  tpot: Milliseconds,
  /** To the last token. */
  e2e: Milliseconds,
}).annotate({ identifier: "Slo" })
export type Slo = typeof Slo.Type
