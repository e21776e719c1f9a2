import { assert, describe, it } from "@effect/vitest"
import { execFileSync, spawn } from "node:child_process"
import { once } from "node:events"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { GUARD_NAME } from "../../../src/engine/process/Guard.ts"
import { procStat } from "../../../src/engine/process/ProcStat.ts"
import { setpriv } from "../../../src/engine/process/Setpriv.ts"
import { isAlive, untilGone } from "./processes.ts"

type Target = "program" | "guard" | "watcher" | "tether"
type Signals = Readonly<Partial<Record<Target, NodeJS.Signals>>>

/** A guarded command in a program of its own, by the process ids of all that belongs to it. */
const keepGuarded = async () => {
  const program = spawn(process.execPath, [fileURLToPath(new URL("keepGuarded.ts", import.meta.url))], {
    stdio: ["ignore", "pipe", "inherit"],
  })
  const [line] = (await once(program.stdout, "data")) as [Buffer]
  const command = String(line).trim().split(" ").map(Number)
  const { parent: tether, session } = procStat(command[0]!)!
  const guards = execFileSync("ps", ["-o", "pid=,args=", "-s", `${session}`], { encoding: "utf8" })
    .split("\n")
    .filter((text) => text.includes(GUARD_NAME))
    .map((text) => Number.parseInt(text, 10))
  assert.lengthOf(guards, 2)
  const [guard, watcher] = guards.toSorted((a, b) => (a === session ? -1 : b === session ? 1 : 0))
  const targets: Readonly<Record<Target, number>> = { program: program.pid!, guard: guard!, watcher: watcher!, tether }
  return { targets, command, end: () => program.kill("SIGKILL") }
}

// By the kernel: setpriv has to be there, as with util-linux it is.
describe.skipIf(setpriv() === undefined).concurrent("a guarded command", () => {
  const ends: Readonly<Record<string, Signals>> = {
    "the program is killed": { program: "SIGKILL" },
    "both guards are killed, then the program": { guard: "SIGKILL", watcher: "SIGKILL", program: "SIGKILL" },
    "the program is killed, then both guards": { program: "SIGKILL", guard: "SIGKILL", watcher: "SIGKILL" },
    "both guards are stopped and the program is killed": { guard: "SIGSTOP", watcher: "SIGSTOP", program: "SIGKILL" },
    "the watcher is killed, then the program": { watcher: "SIGKILL", program: "SIGKILL" },
    "the watcher is killed and the guard stopped": { watcher: "SIGKILL", guard: "SIGSTOP", program: "SIGKILL" },
    "the watcher is ended and the tether stopped": { watcher: "SIGTERM", tether: "SIGSTOP", program: "SIGKILL" },
    "the guard is killed": { guard: "SIGKILL" },
    "the tether is stopped and the guard killed": { tether: "SIGSTOP", guard: "SIGKILL" },
    "the tether is stopped and all others are killed": {
      tether: "SIGSTOP",
      guard: "SIGKILL",
      watcher: "SIGKILL",
      program: "SIGKILL",
    },
  }
  for (const [when, signals] of Object.entries(ends))
    it(`ends when ${when}`, async () => {
      const { command, end, targets } = await keepGuarded()
      for (const [to, signal] of Object.entries(signals)) process.kill(targets[to as Target], signal)
      await untilGone([...command, targets.guard, targets.tether])
      end()
    })

  it("runs on when its shells are continued and nothing has ended", async () => {
    const { command, end, targets } = await keepGuarded()
    for (const to of ["guard", "watcher", "tether"] as const) process.kill(targets[to], "SIGCONT")
    await sleep(1500) // longer than the grace
    assert.isTrue(command.every(isAlive))
    end()
    await untilGone(command)
  })
})
