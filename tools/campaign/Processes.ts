import { readdirSync, readFileSync, readlinkSync } from "node:fs"
import { setTimeout as sleep } from "node:timers/promises"

/** A process that has to do with a workspace: it was started in it, or by what was. */
export interface WorkspaceProcess {
  readonly pid: number
  readonly name: string
}

const orEmpty = (read: () => string): string => {
  try {
    return read()
  } catch {
    return "" // it has ended
  }
}

/** Processes whose folder, arguments or environment name this folder: a process that lost its parent is found, too. */
export const processesOf = (root: string): ReadonlyArray<WorkspaceProcess> =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      const stat = orEmpty(() => readFileSync(`/proc/${pid}/stat`, "utf8"))
      if (stat === "" || stat.charAt(stat.lastIndexOf(")") + 2) === "Z") return []
      const line = orEmpty(() => readFileSync(`/proc/${pid}/cmdline`, "latin1"))
      const folder = orEmpty(() => readlinkSync(`/proc/${pid}/cwd`))
      const environment = orEmpty(() => readFileSync(`/proc/${pid}/environ`, "latin1"))
      const isIts = folder.startsWith(root) || line.includes(root) || environment.includes(`CAMPAIGN_FAULT=${root}\0`)
      return isIts ? [{ pid: Number(pid), name: nameOf(line) }] : []
    })

const NAMES = ["rigbook-tether", "rigbook-guard", "engine.js", "bin.js", "bin.ts"]

/** What it is in a run: by the first of the names that its shells carry, for a guard's arguments name what it guards, too. */
const nameOf = (line: string): string =>
  line
    .split("\0")
    .slice(0, 9)
    .flatMap((part) => NAMES.find((name) => part.endsWith(name)) ?? [])[0] ?? line.replaceAll("\0", " ").slice(0, 60)

/** Those that are still there after so long; none as soon as there is none. */
export const left = async (root: string, atMostMs: number): Promise<ReadonlyArray<WorkspaceProcess>> => {
  for (const end = performance.now() + atMostMs; ; await sleep(50)) {
    const found = processesOf(root)
    if (found.length === 0 || performance.now() > end) return found
  }
}
