import { readFileSync } from "node:fs"

/** The most memory that the system lets a process allocate. */
export interface MemoryCeiling {
  readonly bytes: number
  /** What sets it, such as `its limit of address space (ulimit -v)`. */
  readonly rule: string
}

/** The most that a process may allocate; empty if unknown, such as for an ended process. Linux only. */
export const memoryCeilings = (pid: number): ReadonlyArray<MemoryCeiling> => {
  try {
    const read = (path: string): string => readFileSync(path, "utf8")
    return ceilingsIn(read(`/proc/${pid}/limits`), read("/proc/meminfo"), read("/proc/sys/vm/overcommit_memory"))
  } catch {
    return []
  }
}

/**
 * Source: getrlimit(2); the kernel's `__vm_enough_memory` for overcommit_memory 0 (guess), 1 (always) and 2 (never).
 * Pure.
 */
export const ceilingsIn = (limits: string, meminfo: string, overcommit: string): ReadonlyArray<MemoryCeiling> => {
  const limit = (name: string): number => Number(new RegExp(`^${name} +(\\d+)`, "m").exec(limits)?.[1] ?? Infinity)
  const kib = (name: string): number => Number(new RegExp(`^${name}: +(\\d+) kB$`, "m").exec(meminfo)?.[1] ?? Infinity)
  const machine = {
    "0": { bytes: 1024 * (kib("MemTotal") + kib("SwapTotal")), rule: "this machine's memory and swap" },
    "2": { bytes: 1024 * kib("CommitLimit"), rule: "this system's commit limit (CommitLimit)" },
  }[overcommit.trim()]
  return [
    { bytes: limit("Max address space"), rule: "its limit of address space (ulimit -v)" },
    { bytes: limit("Max data size"), rule: "its limit of data (ulimit -d)" },
    ...(machine === undefined ? [] : [machine]),
  ].filter(({ bytes }) => Number.isFinite(bytes))
}
