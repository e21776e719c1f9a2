import { readFileSync } from "node:fs"

/** Whether a process of this machine (Linux) runs; one that has ended and was not yet waited for does not. */
export const isAlive = (pid: number): boolean => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8")
    return stat.charAt(stat.lastIndexOf(")") + 2) !== "Z"
  } catch {
    return false // it has gone
  }
}
