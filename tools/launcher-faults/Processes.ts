import { readdirSync, readFileSync } from "node:fs"

/** Ids of processes of this machine whose environment has this entry (`NAME=value`); Linux only. */
export const processesWith = (entry: string): ReadonlyArray<number> =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").includes(entry)
      } catch {
        return false // it has ended, or is another user's
      }
    })
    .map(Number)

/** Words of a process's command line; none if it has ended. */
export const commandOf = (pid: number): ReadonlyArray<string> => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0")
  } catch {
    return []
  }
}

/** Ends a process at once, unless it has ended. */
export const kill = (pid: number): void => {
  try {
    process.kill(pid, "SIGKILL")
  } catch {
    // It has ended meanwhile.
  }
}
