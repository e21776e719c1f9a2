import { execFileSync } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { setTimeout as sleep } from "node:timers/promises"

/** Whether a process still runs. One that is dead and not yet collected by its parent does not. */
export const isAlive = (pid: number): boolean => {
  try {
    if (existsSync("/proc/self/stat")) return !/\) Z [^)]*$/.test(readFileSync(`/proc/${pid}/stat`, "utf8"))
    return !execFileSync("ps", ["-o", "stat=", "-p", `${pid}`], { encoding: "utf8" }).startsWith("Z")
  } catch {
    return false
  }
}

/** Waits until none of them runs. */
export const untilGone = async (pids: ReadonlyArray<number>): Promise<void> => {
  while (pids.some(isAlive)) await sleep(50)
}
