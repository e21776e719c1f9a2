import { Effect, Schedule } from "effect"

/** Looks every few milliseconds until `condition` holds. A test's own deadline ends it if it never does. */
export const until = (condition: () => boolean): Effect.Effect<void> =>
  Effect.sync(condition).pipe(
    Effect.repeat({ until: (holds) => holds, schedule: Schedule.spaced("3 millis") }),
    Effect.asVoid,
  )
