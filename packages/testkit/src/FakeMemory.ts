import { MemoryReader } from "@rigbook/runner"
import { Layer } from "effect"

/**
 * Resident memory, in bytes, that processes appear to have; each reading takes the next, and then stays at the last.
 */
export const fakeMemory = (readings: Readonly<Record<number, readonly [number, ...ReadonlyArray<number>]>>) => {
  const turns = new Map<number, number>()
  return Layer.succeed(MemoryReader, {
    tree: (roots) => roots.filter((pid) => pid in readings),
    resident: (pid) => {
      const turn = turns.get(pid) ?? 0
      turns.set(pid, turn + 1)
      return readings[pid]?.[turn] ?? readings[pid]?.at(-1)
    },
    name: (pid) => `process ${pid}`,
  })
}
