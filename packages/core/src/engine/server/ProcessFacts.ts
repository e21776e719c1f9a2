import { Effect } from "effect"
import { readFileSync } from "node:fs"
import type { EngineProcess } from "../process/EngineProcess.ts"

/** Which process a server of ours is: its id, and when the kernel started it, since ids are reused. Linux only. */
export const processFacts = ({
  commandPid,
  pid: guard,
}: Pick<EngineProcess, "commandPid" | "pid">): Effect.Effect<Readonly<Record<string, string>>> =>
  Effect.sync(() => {
    const pid = commandPid() ?? guard
    const start = startTime(pid)
    return { pid: String(pid), ...(start === undefined ? {} : { "start time": start }) }
  })

/** In ticks of the kernel's clock since it was started. */
const startTime = (pid: number): string | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8")
    // Field 22. The name, field 2, may hold anything, so count from behind its last bracket.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]
  } catch {
    return undefined
  }
}
