import { seeded } from "@rigbook/core"
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { disturb } from "./Disturb.ts"
import { checkRecords, type SweepResult } from "./Checks.ts"
import { runKilled } from "./Kills.ts"
import { rigbookIn } from "./Rigbook.ts"
import { slurmSite } from "./SlurmSite.ts"
import { sshSite } from "./SshSite.ts"
import { checkStop } from "./Stopped.ts"
import { configOf, writeSweep } from "./Workspace.ts"

/** Which sweep. The seed determines what happens and after how long; what that meets depends on the machine. */
export interface SweepInput {
  readonly launcher: "slurm" | "ssh"
  readonly units: number
  readonly seed: number
  /** How often Rigbook is killed. */
  readonly kills: number
  /** Share of the site's usual faults. */
  readonly faults: number
  readonly say: (line: string) => void
}

/** What a sweep did, and what is left of it. */
export interface Swept extends SweepResult {
  readonly seconds: number
  readonly starts: number
  readonly killed: number
  readonly faults: Readonly<Record<string, number>>
}

const SHORT = { trials: 2, trialMs: 20 }
/** One unit in seven: on a cluster it writes after its node was given up. */
const LONG = { slurm: { trials: 12, trialMs: 2000 }, ssh: { trials: 12, trialMs: 300 } }
/** To be stopped: it is not over before. */
const STOPPED = { trials: 8, trialMs: 3000 }

/** Runs units while nodes, controllers, connections and Rigbook itself are killed, and checks what is left. */
export const sweep = async (input: SweepInput): Promise<Swept> => {
  const { launcher, seed, units } = input
  const start = performance.now()
  const elapsed = () => Math.round((performance.now() - start) / 1000)
  const say = (line: string) => input.say(`${String(elapsed()).padStart(4)} s  ${line}`)
  // Each part draws for itself: they run at the same time.
  const randomOf = (part: string) => seeded(`${seed}/${part}`)
  const random = randomOf("units")
  const folder = mkdtempSync(join(tmpdir(), "rigbook-sweep-"))
  const [root, home] = [join(folder, "workspace"), join(folder, "home")]
  for (const each of [root, home]) mkdirSync(each)
  const names = Array.from({ length: units }, (_, at) => `unit-${String(at).padStart(3, "0")}`)
  const configs = names.map((name, at) => [name, configOf(at, random() < 0.15 ? LONG[launcher] : SHORT)] as const)
  writeSweep(root, new Map([...configs, ["stopped", configOf(units, STOPPED)]]))
  const site = launcher === "slurm" ? await slurmSite(randomOf("site")) : await sshSite()
  try {
    const own = { XDG_CONFIG_HOME: join(home, "config"), RIGBOOK_CACHE: join(home, "cache") }
    const rigbook = rigbookIn(root, { ...site.env, ...own })
    const added = await rigbook("host", "add", "far", ...site.add)
    if (!existsSync(join(home, "config/rigbook/hosts/far.json"))) throw new Error(`host add: ${added.stderr}`)
    say("begins")
    const disturbance = disturb(site, { random: randomOf("faults"), say, share: input.faults })
    const run = await runKilled(rigbook, [...names, "--on", site.on], {
      kills: input.kills,
      random: randomOf("kills"),
      say,
    })
    await disturbance.end()
    say("all units are over")
    const wrong = [...run.wrong]
    // Workers that ran on where a node was given up come to their end.
    for (let waited = 0; waited < 60 && (await site.running()).length > 0; waited++) await sleep(1000)
    for (const one of await site.running()) wrong.push(`${one} runs though all units are over.`)
    wrong.push(...(await checkStop(rigbook, root, "stopped", site)))
    const verified = await rigbook("verify")
    if (verified.exitCode !== 0) wrong.push(`verify: ${verified.stdout}${verified.stderr}`)
    const found = checkRecords(join(root, "benchmarks/results/raw"), [...names, "stopped"], site)
    return {
      ...found,
      wrong: [...wrong, ...found.wrong],
      seconds: elapsed(),
      starts: run.starts,
      killed: run.killed,
      faults: disturbance.counts,
    }
  } finally {
    await site.stop()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}
