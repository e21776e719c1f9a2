import { existsSync, readdirSync } from "node:fs"
import { setTimeout as sleep } from "node:timers/promises"
import { read } from "./Unit.ts"

/** What distinguishes a process from a later one of the same number; empty where the system does not say. */
const startOf = (pid: number): string => {
  const stat = read(`/proc/${pid}/stat`)
  if (stat === undefined) return ""
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
  return fields[0] === "Z" ? "ended" : `${fields[19]} ${read("/proc/sys/kernel/random/boot_id")?.trim() ?? ""}`
}

/** What a file has that names a process. */
export const nameOf = (pid: number): string => `${pid} ${startOf(pid)}`

/** Whether the process that a file names still runs. */
export const runs = (path: string): boolean => {
  const [number = "", ...start] = (read(path) ?? "").split(" ")
  const pid = Number(number)
  if (!(pid > 0)) return false
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false
  }
  const now = startOf(pid)
  return now !== "ended" && (now === "" || now === start.join(" "))
}

/** Processes of a unit: its worker, and what that started, by a variable that they inherit. */
const processesOf = (name: string): ReadonlyArray<number> => {
  const wanted = `RIGBOOK_UNIT=${name}`
  return (existsSync("/proc") ? readdirSync("/proc") : [])
    .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
    .filter((pid) => read(`/proc/${pid}/environ`)?.split("\0").includes(wanted) === true)
    .map(Number)
    .filter((pid) => startOf(pid) !== "ended")
}

export const signalTo = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(pid, signal)
  } catch {
    // It has ended meanwhile.
  }
}

/** Ends everything that a unit has left running. */
export const stopAll = async (name: string): Promise<void> => {
  for (let left = processesOf(name); left.length > 0; left = processesOf(name)) {
    for (const pid of left) signalTo(pid, "SIGKILL")
    await sleep(50)
  }
}
