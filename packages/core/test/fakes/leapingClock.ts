import { Clock, Duration, Effect } from "effect"

/** Turns of the event loop in which whoever was woken may go to sleep again, before the next one is woken. */
const TURNS = 4

/**
 * A clock of its own, which leaps to the next deadline whenever all wait: times are exact, and nobody really waits.
 * Work on files takes no time by it, or as much as those who sleep meanwhile make of it.
 */
export const leapingClock = () => {
  const waiting: Array<{ readonly dueMs: number; readonly wake: () => void }> = []
  let nowMs = 0
  let leaping = false
  const leap = (turns: number): void => {
    if (turns > 0) return void setImmediate(leap, turns - 1)
    const [next] = waiting.toSorted((a, b) => a.dueMs - b.dueMs)
    leaping = next !== undefined
    if (next === undefined) return
    waiting.splice(waiting.indexOf(next), 1)
    nowMs = Math.max(nowMs, next.dueMs)
    next.wake()
    setImmediate(leap, TURNS)
  }
  const nanos = (): bigint => BigInt(Math.round(nowMs * 1e6))
  const clock: Clock.Clock = {
    currentTimeMillisUnsafe: () => nowMs,
    currentTimeMillis: Effect.sync(() => nowMs),
    currentTimeNanosUnsafe: nanos,
    currentTimeNanos: Effect.sync(nanos),
    monotonicTimeNanosUnsafe: nanos,
    monotonicTimeNanos: Effect.sync(nanos),
    sleep: (duration) =>
      Effect.callback<void>((resume) => {
        const entry = { dueMs: nowMs + Duration.toMillis(duration), wake: () => resume(Effect.void) }
        waiting.push(entry)
        if (!leaping) {
          leaping = true
          setImmediate(leap, TURNS)
        }
        return Effect.sync(() => {
          const at = waiting.indexOf(entry)
          if (at !== -1) waiting.splice(at, 1)
        })
      }),
  }
  return {
    nowMs: () => nowMs,
    provide: <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
      Effect.provideService(effect, Clock.Clock, clock),
  }
}
