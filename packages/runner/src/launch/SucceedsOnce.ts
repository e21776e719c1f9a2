import { Effect, Semaphore } from "effect"

/**
 * An effect that is carried out until it succeeds once; that result is kept. Whoever needs it at the same time waits. Where
 * `Effect.cached` keeps a failure, this one tries again: a host that could not be reached may answer now.
 */
export const succeedsOnce = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> => {
  const turn = Semaphore.makeUnsafe(1)
  let kept: { readonly value: A } | undefined
  return turn.withPermits(1)(
    Effect.suspend(() =>
      kept === undefined
        ? Effect.tap(effect, (value) => Effect.sync(() => void (kept = { value })))
        : Effect.succeed(kept.value),
    ),
  )
}
