import { appendFileSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs"
import { basename, join } from "node:path"
import { kind } from "../Fault.ts"
import { lostLines } from "../Journal.ts"
import { recordOf, removeReports } from "../Workspaces.ts"

interface Case {
  readonly config: "a" | "b"
  /** Of a thousand: where the journal ends. */
  readonly at: number
  readonly telemetry: "as-it-was" | "cut" | "garbage" | "gone" | "empty"
  readonly partials: ReadonlyArray<"record.json" | "samples.ndjson">
}

/** A machine that lost its power in the middle of a run: files end anywhere, and what was being written is left. */
export const cut = kind<Case>({
  name: "cut",
  share: 30,
  draw: (draws) => ({
    config: draws.pick(["a", "a", "b"] as const),
    at: draws.int(0, 1000),
    telemetry: draws.pick(["as-it-was", "cut", "garbage", "gone", "empty"] as const),
    partials: draws.list(0, 1, () => draws.pick(["record.json", "samples.ndjson"] as const)),
  }),
  inject: async ({ at, config, partials, telemetry }, testbed) => {
    const folder = join(testbed.root, recordOf(testbed.root, config))
    const [journal, readings] = [join(folder, "samples.ndjson"), join(folder, "telemetry.ndjson")]
    rmSync(join(folder, "record.json"))
    removeReports(testbed.root, basename(folder)) // they are written after the record
    const whole = readFileSync(journal)
    truncateSync(journal, Math.floor((whole.length * at) / 1000))
    for (const name of partials) writeFileSync(join(folder, `${name}.partial-4194303`), "{")
    if (telemetry === "cut") truncateSync(readings, Math.floor((readFileSync(readings).length * at) / 1000))
    if (telemetry === "garbage") appendFileSync(readings, "garbage\n")
    if (telemetry === "gone") rmSync(readings)
    if (telemetry === "empty") writeFileSync(readings, "")
    const before = readFileSync(journal, "utf8")
    const { code, stderr } = await testbed.command(["run"])
    if (code !== 0 && code !== 1) testbed.violated("usable", `run: exit ${code}: ${stderr.slice(-300)}`)
    const lost = lostLines(before, journal)
    // What nobody can have written by being cut is not resumed: the error says how to go on.
    if (code === 1 && stderr.includes("--fresh")) await testbed.command(["run", "--fresh"])
    if (lost !== undefined) testbed.violated("no-lost-trial", lost)
    await testbed.settled([config])
  },
})
