import { execFileSync } from "node:child_process"
import { setTimeout as sleep } from "node:timers/promises"

/** Whether a process still runs. One that is dead and not yet collected by its parent does not. */
export const isAlive = (pid: number): boolean => {
  try {
    return !execFileSync("ps", ["-o", "stat=", "-p", `${pid}`], { encoding: "utf8" }).startsWith("Z")
  } catch {
    return false
  }
}

/** Waits until none of them runs; gives those that still do after `timeoutMs`. */
export const untilGone = async (pids: ReadonlyArray<number>, timeoutMs: number): Promise<ReadonlyArray<number>> => {
  const deadline = performance.now() + timeoutMs
  let left = pids.filter(isAlive)
  while (left.length > 0 && performance.now() < deadline) {
    await sleep(50)
    left = left.filter(isAlive)
  }
  return left
}
