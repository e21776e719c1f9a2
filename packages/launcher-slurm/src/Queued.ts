import type { LaunchUnit } from "@rigbook/core"
import { Effect, Semaphore } from "effect"

/** What came of submitting a unit: its job, or that Slurm accepts no more jobs of this user now. */
export type Placed = { readonly id: string; readonly adopted: boolean } | "full"

/** Units whose jobs wait or run, and units that wait here until there is a place for their job. */
export interface Queued<E, R> {
  /** Submits a unit, or keeps it until there is a place. */
  readonly add: (unit: LaunchUnit) => Effect.Effect<Exclude<Placed, "full">, E, R>
  /** Submits units that wait here, as far as there are places now; `refused` is called for one that can't be. */
  readonly fill: (refused: (unit: LaunchUnit, error: E) => Effect.Effect<void, E, R>) => Effect.Effect<void, E, R>
  readonly waits: (name: string) => boolean
  /** A unit has ended. */
  readonly leave: (name: string) => void
}

/** After Slurm has accepted no more, until it is tried again, if no unit ends meanwhile. */
const AGAIN_MS = 10_000

/**
 * Keeps at most `most` jobs with Slurm, and fewer where it accepts no more (MaxSubmitJobs). `place` looks for the job of a
 * unit, and submits one if there is none and it may.
 */
export const makeQueued = <E, R>(
  most: number,
  place: (unit: LaunchUnit, isFull: boolean) => Effect.Effect<Placed, E, R>,
): Queued<E, R> => {
  const turn = Semaphore.makeUnsafe(1)
  const submitted = new Set<string>()
  const waiting = new Map<string, LaunchUnit>()
  let fullUntil = 0
  const isFull = () => submitted.size >= most || Date.now() < fullUntil
  /** Whether it has a job now. */
  const tryPlace = Effect.fnUntraced(function* (unit: LaunchUnit) {
    const wasFull = isFull()
    const placed = yield* place(unit, wasFull)
    if (placed === "full") {
      if (!wasFull) fullUntil = Date.now() + AGAIN_MS
      waiting.set(unit.name, unit)
    } else {
      waiting.delete(unit.name)
      submitted.add(unit.name)
    }
    return placed
  })
  return {
    waits: (name) => waiting.has(name),
    leave: (name) => {
      waiting.delete(name)
      if (submitted.delete(name)) fullUntil = 0
    },
    add: (unit) =>
      Effect.gen(function* () {
        const adopted = waiting.has(unit.name)
        const placed = yield* tryPlace(unit)
        return placed === "full" ? { id: unit.name, adopted } : placed
      }).pipe(turn.withPermits(1)),
    fill: (refused) =>
      Effect.gen(function* () {
        for (const unit of waiting.values()) {
          if (isFull()) return
          yield* Effect.catch(tryPlace(unit), (error) => refused(unit, error))
        }
      }).pipe(turn.withPermits(1)),
  }
}
