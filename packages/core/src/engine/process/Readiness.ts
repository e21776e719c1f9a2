import { Effect, Schedule } from "effect"
import type { EngineProcess } from "./EngineProcess.ts"

/** The engine ended before it was ready. */
export interface EndedEarly {
  readonly _tag: "EndedEarly"
  readonly exitCode: number
}
/** The engine was not ready in time. */
export interface NotReady {
  readonly _tag: "NotReady"
  readonly afterMs: number
}

/**
 * Runs `check` every 50 ms until it succeeds, but no longer than the engine lives, nor longer than `timeoutMs`.
 * `check` must prove that this engine answers: another program may listen on the same port. Fails with
 * `EndedEarly` or `NotReady`.
 */
export const untilReady = <A, E, R>(
  engine: Pick<EngineProcess, "exited">,
  timeoutMs: number,
  check: Effect.Effect<A, E, R>,
): Effect.Effect<A, EndedEarly | NotReady, R> =>
  check.pipe(
    Effect.timeout("5 seconds"),
    Effect.retry(Schedule.spaced("50 millis")),
    Effect.orDie, // the schedule has no end: only the timeout below ends it
    Effect.raceFirst(
      Effect.flatMap(engine.exited, (exitCode) => Effect.fail({ _tag: "EndedEarly" as const, exitCode })),
    ),
    Effect.timeoutOrElse({
      duration: timeoutMs,
      orElse: () => Effect.fail({ _tag: "NotReady" as const, afterMs: timeoutMs }),
    }),
  )
