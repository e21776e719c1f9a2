import type { MemoryReadings, ProcessMemory } from "@rigbook/core"
import { Clock, Context, Effect, Schedule, type Scope } from "effect"
import { processName, processTree, residentBytes } from "./ProcessTree.ts"

/** How process trees and their resident memory are read. */
export class MemoryReader extends Context.Reference<{
  readonly tree: (roots: ReadonlyArray<number>) => ReadonlyArray<number>
  /** Bytes, or `undefined` if there is no such process or it can't be read. */
  readonly resident: (pid: number) => number | undefined
  readonly name: (pid: number) => string
}>("rigbook/MemoryReader", {
  defaultValue: () => ({ tree: processTree, resident: residentBytes, name: processName }),
}) {}

/** Finding the tree costs milliseconds on a busy machine, reading a known process microseconds. */
const READINGS_PER_TREE = 20

/**
 * Reads the memory of process trees twenty times a second until the scope closes. The effect that it gives
 * ends the readings: times are milliseconds since `originNanos` on the monotonic clock.
 */
export const sampleMemory = Effect.fnUntraced(function* (
  roots: ReadonlyArray<number>,
  originNanos: bigint,
): Effect.fn.Return<Effect.Effect<MemoryReadings>, never, Scope.Scope> {
  const reader = yield* MemoryReader
  const clock = yield* Clock.Clock
  const atMs: Array<number> = []
  const rssBytes: Array<number> = []
  const processes = new Map<number, ProcessMemory>()
  let turn = 0
  let pids: ReadonlyArray<number> = []
  const once = Effect.sync(() => {
    if (turn++ % READINGS_PER_TREE === 0) pids = reader.tree(roots)
    let total: number | undefined
    for (const pid of pids) {
      const bytes = reader.resident(pid)
      if (bytes === undefined) continue
      total = (total ?? 0) + bytes
      const observed = processes.get(pid)
      if (observed === undefined) processes.set(pid, { pid, name: reader.name(pid), peakRssBytes: bytes })
      else if (bytes > observed.peakRssBytes) processes.set(pid, { ...observed, peakRssBytes: bytes })
    }
    if (total === undefined) return
    atMs.push(Number(clock.monotonicTimeNanosUnsafe() - originNanos) / 1e6)
    rssBytes.push(total)
  })
  if (roots.length === 0) return Effect.succeed({ atMs, rssBytes, absent: "the backend reports no process" })
  yield* once.pipe(Effect.repeat(Schedule.fixed("50 millis")), Effect.forkScoped)
  return Effect.map(once, () =>
    rssBytes.length === 0
      ? { atMs, rssBytes, absent: "no process of the engine could be read from /proc" }
      : { atMs, rssBytes, processes: [...processes.values()] },
  )
})
