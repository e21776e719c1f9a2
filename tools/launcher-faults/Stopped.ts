import { existsSync, readdirSync } from "node:fs"
import { join } from "node:path"
import type { Rigbook } from "./Rigbook.ts"
import type { Site } from "./Site.ts"

const TRIALS = 2

/**
 * Stops the unit of a Rigbook that was killed: nothing of it may run on, and the next run resumes its trials. Returns what
 * is wrong.
 */
export const checkStop = async (rigbook: Rigbook, root: string, config: string, { on, running }: Site) => {
  const wrong: Array<string> = []
  const first = rigbook("run", config, "--on", on, "--events")
  let trials = 0
  for await (const line of first) if (line.includes('"kind":"trial"') && ++trials === TRIALS) first.kill("SIGKILL")
  await first
  if ((await running()).length === 0) wrong.push("The unit of a Rigbook that was killed does not run on.")
  const { exitCode, stderr } = await rigbook("host", "stop", on)
  if (exitCode !== 0) wrong.push(`host stop: ${stderr}`)
  for (const one of await running()) wrong.push(`${one} runs after host stop.`)
  const launched = join(root, "benchmarks/results/launched", on.replace(":", "_"))
  const kept = existsSync(launched) ? readdirSync(launched) : []
  if (kept.length > 0) wrong.push(`host stop keeps ${kept.join(", ")}.`)
  const { stdout } = await rigbook("run", config, "--on", on, "--events")
  const started = stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as { kind: string; kept?: number })
    .find(({ kind }) => kind === "started")
  if (!((started?.kept ?? 0) >= TRIALS)) wrong.push(`host stop lost trials: ${started?.kept} of ${TRIALS} are kept.`)
  return wrong
}
