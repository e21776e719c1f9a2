import { Effect } from "effect"
import type { EngineProcess } from "../process/EngineProcess.ts"
import { procStat } from "../process/ProcStat.ts"

/** Which process a server of ours is: its id, and when the kernel started it, since ids are reused. Linux only. */
export const processFacts = ({
  commandPid,
  pid: guard,
}: Pick<EngineProcess, "commandPid" | "pid">): Effect.Effect<Readonly<Record<string, string>>> =>
  Effect.sync(() => {
    const pid = commandPid() ?? guard
    const start = procStat(pid)?.start
    return { pid: String(pid), ...(start === undefined ? {} : { "start time": start }) }
  })
