import { readFileSync } from "node:fs"

/** What the kernel says of a process. */
export interface ProcStat {
  /** As `Z` for one that has ended and is not collected yet. */
  readonly state: string
  readonly parent: number
  /** Ids of its process group and session. */
  readonly group: number
  readonly session: number
  /** When it was started, in ticks of the kernel's clock since that was started. */
  readonly start: string
}

/** `undefined` if there is no such process, or no /proc. */
export const procStat = (pid: number): ProcStat | undefined => {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, "utf8"))
  } catch {
    return undefined
  }
}

/** Pure. "pid (name) state ppid …": the name may hold anything, brackets too, so read from the last one. */
export const parseStat = (text: string): ProcStat | undefined => {
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ")
  const [state, parent, group, session] = fields
  const start = fields[19]
  return state === undefined || start === undefined
    ? undefined
    : { state, parent: Number(parent), group: Number(group), session: Number(session), start }
}
