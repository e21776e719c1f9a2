import { execa } from "execa"
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { afterAll, assert, test } from "vitest"
import { seeded } from "@rigbook/core"
import { rigbookIn } from "../../../tools/launcher-faults/Rigbook.ts"
import { slurmSite } from "../../../tools/launcher-faults/SlurmSite.ts"
import { configOf, writeSweep } from "../../../tools/launcher-faults/Workspace.ts"
import { placeFlags } from "../src/Script.ts"

const UNITS = 100

const folder = mkdtempSync(join(tmpdir(), "rigbook-bench-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Seconds that a part takes. */
const timed = async (part: () => Promise<unknown>): Promise<number> => {
  const start = performance.now()
  await part()
  return (performance.now() - start) / 1000
}

test(`${UNITS} empty units through Slurm, beside sbatch alone`, { timeout: 1_800_000 }, async () => {
  const root = join(folder, "workspace")
  const names = Array.from({ length: UNITS }, (_, at) => `unit-${at}`)
  writeSweep(root, new Map(names.map((name, at) => [name, configOf(at, { trials: 1, trialMs: 0 })])))
  const site = await slurmSite(seeded("1"))
  try {
    const rigbook = rigbookIn(root, {
      ...site.env,
      XDG_CONFIG_HOME: join(folder, "config"),
      RIGBOOK_CACHE: join(folder, "cache"),
    })
    await rigbook("host", "add", "far", ...site.add)
    await rigbook("plan", "unit-0", "--on", site.on) // reads what the nodes are: that is kept for an hour
    const ours = await timed(async () => {
      const { exitCode, stderr } = await rigbook("run", ...names, "--on", site.on)
      assert.strictEqual(exitCode, 0, stderr)
    })
    const units = join(root, "benchmarks/results/.units")
    const again = join(root, "benchmarks/results/.again")
    const sbatch = (name: string, script: string) =>
      execa(
        "sbatch",
        [
          `--job-name=${name}`,
          ...placeFlags({ nodes: 1, gpus: 0, seconds: 600 }, { partition: "all" }),
          "--export=NIL",
          `--chdir=${root}`,
          "--output=/dev/null",
        ],
        { env: site.env, input: script },
      )
    const over = async () => {
      while ((await site.running()).length > 0) await sleep(200)
    }
    // The same jobs, as Rigbook wrote them, each in a folder without records.
    const same = await timed(async () => {
      for (const name of readdirSync(units)) {
        mkdirSync(join(again, name, "records"), { recursive: true })
        cpSync(join(units, name, "unit.json"), join(again, name, "unit.json"))
        await sbatch(name, readFileSync(join(units, name, "job.sh"), "utf8").replaceAll(units, again))
      }
      await over()
    })
    const ended = readdirSync(again).filter((name) => readFileSync(join(again, name, "exit"), "utf8") === "0")
    assert.lengthOf(ended, UNITS)
    console.log(
      `${UNITS} units: ${ours.toFixed(1)} s through Rigbook, ${same.toFixed(1)} s the same jobs by sbatch alone (${(ours / same).toFixed(2)} times)`,
    )
  } finally {
    await site.stop()
  }
})
