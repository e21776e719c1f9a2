import { Effect, Schema } from "effect"

const PositiveInt = Schema.Int.check(Schema.isGreaterThan(0))
const Milliseconds = Schema.Finite.check(Schema.isGreaterThan(0))
const orDefault = <A>(value: A) => Effect.succeed(value)

/** What to do when a server says that it has too much to do (HTTP 429): ask again, so often. Else that is a failure. */
export const Retry = Schema.Struct({
  attempts: PositiveInt.pipe(Schema.withDecodingDefaultKey(orDefault(3))),
  /** Where the server names no time (`Retry-After`): before the first attempt more; doubled before each next. */
  waitMs: Milliseconds.pipe(Schema.withDecodingDefaultKey(orDefault(1000))),
  /** A longer wait is not waited. */
  longestMs: Milliseconds.pipe(Schema.withDecodingDefaultKey(orDefault(60_000))),
}).annotate({ identifier: "Retry" })
export type Retry = typeof Retry.Type

/**
 * Milliseconds to wait before a refused request is sent again; `undefined` when the refusal is to be taken as it is.
 * `retryAfterS`: the server's `Retry-After`, in seconds. `made`: how often it was sent again until now.
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
