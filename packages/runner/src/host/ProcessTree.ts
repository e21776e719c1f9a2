import { isGuard } from "@rigbook/core/engine"
import { readFileSync, readdirSync } from "node:fs"

/** The processes below `roots`, these included, without our own guards. Linux only: empty elsewhere. */
export const processTree = (roots: ReadonlyArray<number>): ReadonlyArray<number> => {
  const children = Map.groupBy(parents(), ({ parent }) => parent)
  const found = new Set<number>() // a root may lie below another: no process counts twice
  const visit = (pid: number): void => {
    if (found.has(pid)) return
    found.add(pid)
    for (const child of children.get(pid) ?? []) visit(child.pid)
  }
  for (const root of roots) visit(root)
  return [...found].filter((pid) => !isGuard(read(`/proc/${pid}/cmdline`)))
}

/** Resident memory of a process in bytes; `undefined` when there is no such process, or no /proc. */
export const residentBytes = (pid: number): number | undefined => {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`))?.[1]
  return kib === undefined ? undefined : Number(kib) * 1024
}

/**
 * A process's name: the kernel's, which is cut after 15 bytes, or the complete title that it begins,
 * such as `VLLM::Worker_TP0`.
 */
export const processName = (pid: number): string => {
  const name = read(`/proc/${pid}/comm`).trimEnd()
  const title = read(`/proc/${pid}/cmdline`).split("\0")[0]!
  return (title.startsWith(name) ? title : name) || "unnamed"
}

const parents = (): ReadonlyArray<{ readonly pid: number; readonly parent: number }> => {
  let names: ReadonlyArray<string>
  try {
    names = readdirSync("/proc")
  } catch {
    return []
  }
  return names
    .filter((name) => /^\d+$/.test(name))
    .map((name) => {
      // "pid (name) state ppid …": the name may hold anything, brackets too, so read from the last one.
      const stat = read(`/proc/${name}/stat`)
      return { pid: Number(name), parent: Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]) }
    })
}

const read = (path: string): string => {
  try {
    return readFileSync(path, "utf8")
  } catch {
    return "" // the process has ended
  }
}
