import { spawn } from "node:child_process"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import type { CommandResult } from "./CommandResult.ts"
import type { ProgramOptions } from "./Fault.ts"
import { LIMITS } from "./Limits.ts"

const ROOT = join(import.meta.dirname, "../..")
/** As it is published, or from its source: then nothing has to be built again. */
const WAYS = {
  built: [join(ROOT, "packages/cli/dist/bin.js")],
  source: ["--conditions=@rigbook/source", join(ROOT, "packages/cli/src/bin.ts")],
} as const
export type Way = keyof typeof WAYS

/** Runs the program itself in a process of its own. */
export const program = (
  way: Way,
  cwd: string,
  args: ReadonlyArray<string>,
  { env, meanwhile, shell = 'exec "$@"' }: ProgramOptions,
): Promise<CommandResult> =>
  new Promise((resolve, reject) => {
    const child = spawn("/bin/sh", ["-c", shell, "sh", process.execPath, ...WAYS[way], ...args], {
      cwd,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    })
    let [stdout, stderr, peakMib, late] = ["", "", 0, false]
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text))
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text))
    const watch = setInterval(() => {
      peakMib = Math.max(peakMib, peakOf(child.pid!))
      if (peakMib > 2 * LIMITS.memoryMib) end()
    }, 100)
    const end = (): void => {
      late = true
      try {
        process.kill(-child.pid!, "SIGKILL")
      } catch {
        // it has just ended
      }
    }
    const tooLate = setTimeout(end, LIMITS.wallMs)
    child.once("error", reject)
    child.once("close", (code) => {
      clearTimeout(tooLate)
      clearInterval(watch)
      resolve({ code, stdout, stderr, cpuMs: 0, peakMib, ...(late ? { late } : {}) })
    })
    if (meanwhile !== undefined) meanwhile(child.pid!).catch(reject)
  })

const peakOf = (pid: number): number => {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024
  } catch {
    return 0 // it has ended
  }
}
