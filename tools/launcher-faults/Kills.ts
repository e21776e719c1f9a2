import { setTimeout as sleep } from "node:timers/promises"
import type { Rigbook } from "./Rigbook.ts"

/** How often a run that is not killed may fail, as while a host can't be reached. */
const TRIES = 8

/** Runs configs, killed at random moments and started again, until one run ends well. */
export const runKilled = async (
  rigbook: Rigbook,
  args: ReadonlyArray<string>,
  {
    kills,
    random,
    say,
  }: { readonly kills: number; readonly random: () => number; readonly say: (line: string) => void },
) => {
  for (let starts = 1, killed = 0, failed = 0; ; starts++) {
    const running = rigbook("run", ...args, "--json")
    const afterMs = 1500 + random() * 28_000
    const timer = killed < kills ? setTimeout(() => running.kill("SIGKILL"), afterMs) : undefined
    const { exitCode, signal, stderr } = await running
    clearTimeout(timer)
    if (signal === "SIGKILL") {
      killed++
      say(`Rigbook is killed after ${Math.round(afterMs)} ms`)
      continue
    }
    if (exitCode === 0) return { starts, killed, wrong: [] }
    say(`run ends with exit code ${exitCode}: ${stderr.trim().split("\n").at(-1)}`)
    if (++failed === TRIES) return { starts, killed, wrong: [`The run still fails: ${stderr.trim()}`] }
    await sleep(2000)
  }
}
