import { processTree } from "@rigbook/runner"
import { Effect } from "effect"
import { readdirSync, readFileSync, readlinkSync } from "node:fs"

/** Processes that were started by this one, their own children included. Linux only: empty elsewhere. */
export const ownProcesses = (): ReadonlyArray<number> => processTree([process.pid]).filter((pid) => pid !== process.pid)

/** Whether a process runs; a zombie does not. */
export const isRunning = (pid: number): boolean => {
  const stat = orEmpty(() => readFileSync(`/proc/${pid}/stat`, "utf8"))
  if (stat !== "") return stat.charAt(stat.lastIndexOf(")") + 2) !== "Z"
  try {
    return process.kill(pid, 0)
  } catch {
    return false // there is no such process
  }
}

/** Sends a signal to those that still exist. */
export const signal = (pids: ReadonlyArray<number>, name: NodeJS.Signals): void => {
  for (const pid of pids)
    try {
      process.kill(pid, name)
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error
    }
}

/** Those that still hold after `timeoutMs`, checked every 50 ms until none does. */
export const stillThere = <A>(
  all: ReadonlyArray<A>,
  holds: (one: A) => boolean,
  timeoutMs: number,
): Effect.Effect<ReadonlyArray<A>> =>
  Effect.gen(function* () {
    let left = all.filter(holds)
    for (const start = performance.now(); left.length > 0 && performance.now() - start < timeoutMs;) {
      yield* Effect.sleep("50 millis")
      left = left.filter(holds)
    }
    return left
  })

/** TCP ports that these processes listen on. Linux only: empty elsewhere. */
export const portsOf = (pids: ReadonlyArray<number>): ReadonlyArray<number> => {
  const sockets = new Set(pids.flatMap(socketsOf))
  return ["tcp", "tcp6"]
    .flatMap((table) =>
      orEmpty(() => readFileSync(`/proc/net/${table}`, "utf8"))
        .split("\n")
        .slice(1),
    )
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , , state, , , , , , inode]) => state === LISTENING && sockets.has(inode ?? ""))
    .map(([, local = ""]) => Number.parseInt(local.slice(local.lastIndexOf(":") + 1), 16))
}

const LISTENING = "0A"

/** Inodes of the sockets that a process has open. */
const socketsOf = (pid: number): ReadonlyArray<string> => {
  let names: ReadonlyArray<string>
  try {
    names = readdirSync(`/proc/${pid}/fd`)
  } catch {
    return [] // it has ended
  }
  return names.flatMap(
    (name) => /^socket:\[(\d+)\]$/.exec(orEmpty(() => readlinkSync(`/proc/${pid}/fd/${name}`)))?.[1] ?? [],
  )
}

/** Entries of /proc may vanish while they are read. */
const orEmpty = (read: () => string): string => {
  try {
    return read()
  } catch {
    return ""
  }
}
