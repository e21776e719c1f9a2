import { mkdirSync, readdirSync, rmSync, symlinkSync } from "node:fs"
import { join } from "node:path"
import { startBox } from "../../packages/launcher-ssh/test/loopback.ts"
import { commandOf, kill, processesWith } from "./Processes.ts"
import type { Site } from "./Site.ts"

/** A machine behind a loopback sshd: connections that are cut, and a queue that is killed alone or with its worker. */
export const sshSite = async (): Promise<Site> => {
  const box = await startBox()
  // No engine has to be looked for there, and its Node is this one.
  rmSync(join(box.home, ".cache/rigbook"))
  mkdirSync(join(box.home, ".cache/rigbook"))
  const node = join(box.home, ".local/state/rigbook/node/here")
  mkdirSync(node, { recursive: true })
  symlinkSync(process.execPath, join(node, "node"))
  const there = (word: string) => processesWith(`HOME=${box.home}`).filter((pid) => commandOf(pid).includes(word))
  return {
    add: [box.address],
    on: "far",
    // Attempts are compared with what was accepted.
    env: { PATH: box.path, RIGBOOK_KEEP_UNITS: "1" },
    faults: [
      { name: "all connections are cut", times: 12, begin: async () => box.cut() },
      { name: "the queue is killed", times: 2, begin: async () => there("queue").forEach(kill) },
      { name: "a worker is killed", times: 2, begin: async () => there("worker").forEach(kill) },
      {
        name: "the machine's units are killed",
        times: 2,
        begin: async () => [...there("queue"), ...there("worker")].forEach(kill),
      },
    ],
    running: async () => [...there("queue"), ...there("worker")].map(String),
    attempts: () => {
      const units = join(box.home, ".local/state/rigbook/units")
      const [copy = ""] = readdirSync(join(box.home, ".local/state/rigbook/workspaces"))
      const records = join(box.home, ".local/state/rigbook/workspaces", copy, "benchmarks/results/raw")
      return readdirSync(units).map((name) => ({ name, records }))
    },
    stop: async () => {
      for (const pid of [...there("queue"), ...there("worker")]) kill(pid)
      await box.close()
      rmSync(box.folder, { recursive: true, force: true })
    },
  }
}
