import { execa } from "execa"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { kill } from "./Processes.ts"
import type { Site } from "./Site.ts"

const TOOLS = join(import.meta.dirname, "../slurm")
const NODES = ["box1", "box2", "box3", "cpu1"]

/** The cluster of tools/slurm: nodes whose daemon dies or that fall with their jobs, and a controller that is killed. */
export const slurmSite = async (random: () => number): Promise<Site> => {
  const { stdout } = await execa("bash", [join(TOOLS, "start.sh"), "--no-dbd"])
  const value = (name: string) => new RegExp(`^export ${name}=(.*)$`, "m").exec(stdout)![1]!
  const folder = value("SLURM_FIXTURE_DIR")
  const env = { SLURM_CONF: value("SLURM_CONF") }
  const node = (what: string, name: string) =>
    execa("bash", [join(TOOLS, "node.sh"), what, name], { env: { ...env, SLURM_FIXTURE_DIR: folder }, reject: false })
  const down = new Set<string>()
  /** The node whose job has run longest, or any: a job that was given up and runs on is to come to its end. */
  const busiest = async (): Promise<string | undefined> => {
    const { stdout } = await execa("squeue", ["-h", "-t", "running", "-S", "S", "-o", "%N"], { env, reject: false })
    return stdout.split("\n").find((name) => NODES.includes(name) && !down.has(name))
  }
  /** A node is down for so long, which is more or less than the controller needs to notice. */
  const ends = (what: string, atLeastMs: number, choose: () => Promise<string | undefined>) => async () => {
    const up = NODES.filter((name) => !down.has(name))
    const any = up[Math.floor(random() * up.length)]!
    const ms = atLeastMs + random() * 25_000
    const name = (await choose()) ?? any
    down.add(name)
    await node(what, name)
    return async () => {
      await sleep(ms)
      await node("start", name)
      down.delete(name)
    }
  }
  return {
    add: ["localhost", "--launcher", "slurm"],
    on: "far:all",
    env: { ...env, RIGBOOK_KEEP_UNITS: "1" }, // attempts are compared with what was accepted
    faults: [
      { name: "the daemon of a node dies", times: 3, begin: ends("daemon-dies", 20_000, busiest) },
      { name: "a node falls", times: 3, begin: ends("crash", 3000, async () => undefined) },
      {
        name: "the controller dies",
        times: 2,
        begin: async () => {
          const pid = Number(readFileSync(join(folder, "run/slurmctld.pid"), "utf8").trim())
          kill(pid) // it may be down already
          const ms = 1000 + random() * 8000
          return async () => {
            await sleep(ms)
            await execa("/usr/sbin/slurmctld", [], { env, reject: false }) // it may run again already
          }
        },
      },
    ],
    running: async () => {
      const jobs = await execa("squeue", ["-h", "--states=running,pending,completing", "-o", "%i %j"], { env })
      return jobs.stdout.split("\n").filter((line) => line !== "")
    },
    attempts: (raw) => {
      const units = join(raw, "../.units")
      return (existsSync(units) ? readdirSync(units) : []).map((name) => ({
        name,
        records: join(units, name, "records"),
      }))
    },
    stop: async () => {
      await execa("bash", [join(TOOLS, "stop.sh"), folder])
    },
  }
}
