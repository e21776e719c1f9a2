import { Effect, Schema } from "effect"
import { Amount } from "./Amounts.ts"

const Milliseconds = Schema.Finite.check(Schema.isGreaterThan(0))
const orDefault = <A>(value: A) => Effect.succeed(value)

/** Retries when a server is overloaded (HTTP 429, or 503 with `Retry-After`). Without them, that is a failure. */
export const Retry = Schema.Struct({
  attempts: Amount.pipe(Schema.withDecodingDefaultKey(orDefault(3))),
  /** Wait before the first retry if the server names no time (`Retry-After`); doubled before each further one. */
  waitMs: Milliseconds.pipe(Schema.withDecodingDefaultKey(orDefault(1000))),
  /** The request fails instead of waiting longer. */
  longestMs: Milliseconds.pipe(Schema.withDecodingDefaultKey(orDefault(60_000))),
}).annotate({ identifier: "Retry" })
export type Retry = typeof Retry.Type

/** For requests without a load, whose order is fixed: only a server that names a time is sent one again, and only thrice. */
export const NAMED_WAITS: Retry = { attempts: 3, waitMs: Infinity, longestMs: 60_000 }

/**
 * Milliseconds to wait before a refused request is sent again; `undefined` if the refusal is final.
 * `retryAfterS`: the server's `Retry-After`, in seconds. `made`: how often it was retried so far.
 */
export const waitBefore = (
  retry: Retry | undefined,
  { retryAfterS, status }: { readonly retryAfterS?: number; readonly status?: number },
  made: number,
): number | undefined => {
  const isBusy = status === 429 || (status === 503 && retryAfterS !== undefined)
  if (retry === undefined || !isBusy || made >= retry.attempts) return undefined
  const wait = retryAfterS === undefined ? retry.waitMs * 2 ** made : 1000 * retryAfterS
  return wait <= retry.longestMs ? Math.max(0, wait) : undefined
}
