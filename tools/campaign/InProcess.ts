import { fork, type ChildProcess } from "node:child_process"
import { join } from "node:path"
import type { CommandResult } from "./CommandResult.ts"
import type { CommandOptions } from "./Fault.ts"
import { LIMITS } from "./Limits.ts"

const WORKER = join(import.meta.dirname, "worker.ts")

/** What commands leave in memory counts against the next one: a process with more than this is replaced by a new one. */
const MOST_KEPT_MIB = LIMITS.memoryMib / 2

/** Carries commands out in a process that stays, so that each costs only its own work. */
export const inProcess = (env: Readonly<Record<string, string>>) => {
  let worker: Promise<ChildProcess> | undefined
  const started = (): Promise<ChildProcess> =>
    (worker ??= new Promise((resolve, reject) => {
      const child = fork(WORKER, [], {
        execArgv: ["--conditions=@rigbook/source"],
        env: { ...process.env, ...env },
        stdio: ["ignore", "inherit", "inherit", "ipc"],
      })
      child.once("error", reject).once("message", () => resolve(child))
    }))

  /** One at a time. */
  const command = async (
    cwd: string,
    args: ReadonlyArray<string>,
    jumps: CommandOptions["jumps"] = [],
  ): Promise<CommandResult> => {
    const child = await started()
    return await new Promise((resolve) => {
      const end = (ended: CommandResult) => {
        clearTimeout(tooLate)
        child.removeAllListeners("message").removeAllListeners("exit")
        if (ended.late === true || ended.gone === true || ended.polluted === true || ended.peakMib > MOST_KEPT_MIB) {
          worker = undefined
          child.kill("SIGKILL")
        }
        resolve(ended)
      }
      const killed = (flag: "late" | "gone"): CommandResult => ({
        code: null,
        stdout: "",
        stderr: "",
        cpuMs: 0,
        peakMib: 0,
        [flag]: true,
      })
      const tooLate = setTimeout(() => end(killed("late")), LIMITS.wallMs)
      child.once("message", (message) => end(message as CommandResult))
      child.once("exit", () => end(killed("gone")))
      child.send({ cwd, args, jumps })
    })
  }

  const stop = async (): Promise<void> => {
    const child = await worker
    worker = undefined
    child?.kill("SIGKILL")
  }
  return { command, stop }
}
