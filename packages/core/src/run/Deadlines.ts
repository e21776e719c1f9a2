import { Effect } from "effect"
import { BackendError, TimedOut } from "../BackendError.ts"
import type { Protocol } from "../config/ModelConfig.ts"
import type { FailureKind } from "../workload/FailureKind.ts"
import type { Completion, Request } from "../workload/Request.ts"
import type { Recorder } from "./Recorder.ts"

/** Ends a request that takes too long as a whole, or until its first token, or is silent too long after that. */
export const withDeadlines = <R>(
  backend: string,
  protocol: Protocol,
  request: Request,
  recorder: Recorder,
  send: Effect.Effect<Completion, BackendError, R>,
): Effect.Effect<Completion, BackendError, R> => {
  const late = (kind: FailureKind, afterMs: number, what: string) =>
    Effect.fail(
      new BackendError({
        backend,
        reason: new TimedOut({
          detail: `The engine ${what} for ${afterMs / 1000} s.`,
          fix: "Look at the engine's log; raise the deadlines of the protocol if it was only slow.",
          afterMs,
        }),
        logTail: [],
        kind,
      }),
    )
  const silence: Effect.Effect<never, BackendError> = Effect.suspend(() => {
    const begun = recorder.begun()
    const allowed = begun ? protocol.stallTimeoutMs : (protocol.firstTokenTimeoutMs ?? protocol.stallTimeoutMs)
    const left = allowed - recorder.silentMs()
    return left <= 0
      ? late(begun ? "stalled" : "no-first-token", allowed, "sent nothing")
      : Effect.andThen(Effect.sleep(Math.ceil(left)), silence)
  })
  // An embedding call is silent from its start to its end: only its whole time can tell that it hangs.
  const watched = request.task === "generate" ? Effect.raceFirst(send, silence) : send
  return watched.pipe(
    Effect.timeoutOrElse({
      duration: protocol.requestTimeoutMs,
      orElse: () => late("too-slow", protocol.requestTimeoutMs, "did not finish a request"),
    }),
  )
}
