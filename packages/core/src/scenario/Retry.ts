import { Effect, Schema } from "effect"
import { Amount } from "./Amounts.ts"

const Milliseconds = Schema.Finite.check(Schema.isGreaterThan(0))
const orDefault = <A>(value: A) => Effect.succeed(value)

/** Retries when a server is overloaded (HTTP 429). Without them, that is a failure. */
export const Retry = Schema.Struct({
  attempts: Amount.pipe(Schema.withDecodingDefaultKey(orDefault(3))),
  /** Wait before the first retry if the server names no time (`Retry-After`); doubled before each further one. */
  waitMs: Milliseconds.pipe(Schema.withDecodingDefaultKey(orDefault(1000))),
  /** The request fails instead of waiting longer. */
  longestMs: Milliseconds.pipe(Schema.withDecodingDefaultKey(orDefault(60_000))),
}).annotate({ identifier: "Retry" })
export type Retry = typeof Retry.Type

/**
 * Milliseconds to wait before a refused request is sent again; `undefined` if the refusal is final.
 * `retryAfterS`: the server's `Retry-After`, in seconds. `made`: how often it was retried so far.
 */
export const waitBefore = (
  retry: Retry | undefined,
  { retryAfterS, status }: { readonly retryAfterS?: number; readonly status?: number },
  made: number,
): number | undefined => {
  if (retry === undefined || status !== 429 || made >= retry.attempts) return undefined
  const wait = retryAfterS === undefined ? retry.waitMs * 2 ** made : 1000 * retryAfterS
  return wait <= retry.longestMs ? Math.max(0, wait) : undefined
}
