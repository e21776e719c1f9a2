import { Clock, Effect } from "effect"
import { HttpFailure } from "../process/HttpFailure.ts"

/** The server was not ready in time; `failure` is its last answer. */
export interface StillLoading {
  readonly _tag: "StillLoading"
  readonly afterMs: number
  readonly failure: HttpFailure
}

/** Between two requests, if the server names no time. */
const PAUSE_MS = 500
/** A server that was just started does not listen yet; one that is down never will. */
const STARTING_MS = 3_000

/**
 * Repeats a request while the server answers that it is not ready, in any words: HTTP 503, or 429 if it has no room. Waits
 * as long as its `Retry-After` says, `waitMs` in all at most; a server that does not answer at all is given 3 s. Fails with
 * `StillLoading` when that time is over or would be exceeded, else with the request's own `HttpFailure`.
 */
export const untilLoaded = <A, E, R>(
  request: Effect.Effect<A, E | HttpFailure, R>,
  waitMs: number,
): Effect.Effect<A, E | HttpFailure | StillLoading, R> =>
  Effect.gen(function* () {
    const begun = yield* Clock.currentTimeMillis
    const again = (failure: HttpFailure): Effect.Effect<A, E | HttpFailure | StillLoading, R> =>
      Effect.gen(function* () {
        const within = patience(failure, waitMs)
        const pause = failure.retryAfterS === undefined ? PAUSE_MS : Math.max(PAUSE_MS, 1000 * failure.retryAfterS)
        const afterMs = (yield* Clock.currentTimeMillis) - begun
        if (within === 0) return yield* failure
        if (afterMs + pause > within)
          return yield* failure.status === undefined
            ? failure
            : Effect.fail<StillLoading>({ _tag: "StillLoading", afterMs, failure })
        yield* Effect.sleep(pause)
        return yield* attempt
      })
    const attempt: Effect.Effect<A, E | HttpFailure | StillLoading, R> = Effect.catchIf(request, isHttp, again)
    return yield* attempt
  })

const isHttp = (error: unknown): error is HttpFailure => error instanceof HttpFailure

const patience = ({ kind, status }: HttpFailure, waitMs: number): number => {
  if (status === 503 || status === 429) return waitMs
  const isSilent = status === undefined && (kind === "unreachable" || kind === "reset" || kind === "no-answer")
  return isSilent ? Math.min(waitMs, STARTING_MS) : 0
}
