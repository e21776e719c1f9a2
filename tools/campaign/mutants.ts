/**
 * Puts faults back that were fixed, one at a time, and looks whether the campaign finds each: `node tools/campaign/mutants.ts`,
 * in a checkout that nobody works in, for files are changed meanwhile. Exit code 1 if one is not found.
 */
import { spawnSync } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { FIXED_FAULTS } from "./FixedFaults.ts"

const ROOT = join(import.meta.dirname, "../..")

/** Far more than it takes; the first find ends it. */
const FAULTS = { signal: 40, disk: 40, plugin: 40, server: 150 } as Readonly<Record<string, number>>

const only = process.argv.slice(2)
let missed = 0
for (const { back, fault, file, fixed, kind, seed = 1 } of FIXED_FAULTS) {
  if (only.length > 0 && !only.some((word) => fault.includes(word) || kind === word)) continue
  const path = join(ROOT, file)
  const text = readFileSync(path, "utf8")
  if (!text.includes(fixed)) throw new Error(`${file} no longer has: ${fixed}`)
  writeFileSync(
    path,
    text.replace(fixed, () => back),
  )
  try {
    const args = [
      "--kind",
      kind,
      "--seed",
      String(seed),
      "--faults",
      String(FAULTS[kind] ?? 400),
      "--first",
      "--tries",
      "0",
      "--source",
    ]
    const main = join(import.meta.dirname, "main.ts")
    const { stdout, stderr } = spawnSync(process.execPath, ["--conditions=@rigbook/source", main, ...args], {
      encoding: "utf8",
      env: { ...process.env, CAMPAIGN_WALL_MS: "40000" },
    })
    const found = /VIOLATION of (\S+)/.exec(stdout)?.[1]
    const after = /^\| all +\| (\d+)/m.exec(stdout)?.[1]
    if (found === undefined) missed++
    process.stdout.write(`| ${fault} | ${kind} | ${found ?? `NOT FOUND ${stderr.slice(-200)}`} | ${after} |\n`)
  } finally {
    writeFileSync(path, text)
  }
}
process.exitCode = missed > 0 ? 1 : 0
