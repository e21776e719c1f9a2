import { attemptOf, LaunchError, type LaunchTarget, type LaunchUnit } from "@rigbook/core"
import { succeedsOnce } from "@rigbook/runner"
import { Effect } from "effect"
import { isSubmitLimit } from "./Commands.ts"
import { earlierUnits } from "./Earlier.ts"
import { placing } from "./Placing.ts"
import { scriptOf, submitFlags } from "./Script.ts"
import { findJobs, type Site } from "./Site.ts"
import { collectedRecords } from "./Tidy.ts"
import { endingOf, keepJob, prepare, submittedJob } from "./UnitFolder.ts"

/** Variables that a worker gets, as the job has no other environment. */
const INHERITED = ["HOME", "PATH", "LANG", "USER", "XDG_CACHE_HOME", "RIGBOOK_CACHE", "SLURM_CONF"]

/** Submits units of a workspace, each once: the job of a unit is looked for before, and another program waits meanwhile. */
export const makeSubmit = (site: Site, { entry }: LaunchTarget["program"]) => {
  const { choice, commands, folderOf, host, workspace } = site
  const env = Object.fromEntries(
    INHERITED.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  )
  const program = { choice, root: workspace.root, node: process.execPath, entry, env }
  const before = makeBefore(site)

  const submitAlone = Effect.fnUntraced(function* (unit: LaunchUnit, isFull: boolean) {
    const folder = folderOf(unit.name)
    const ownJob = yield* submittedJob(folder)
    if (ownJob !== undefined) return { id: ownJob, adopted: true }
    // Another program may have cancelled it while it waited here.
    if ((yield* endingOf(folder)) !== undefined) return { id: unit.name, adopted: true }
    // Killed between sbatch and the line that keeps its job: Slurm knows it by name.
    const known = (yield* findJobs(site, [unit.name])).get(unit.name)
    if (known !== undefined) {
      yield* keepJob(folder, known.id)
      return { id: known.id, adopted: true }
    }
    const job = { ...program, folder: folder.path }
    yield* prepare(folder, unit, scriptOf(unit, job), yield* before(unit))
    if (isFull) return "full"
    const printed = yield* commands.run("sbatch", submitFlags(unit, job), scriptOf(unit, job)).pipe(
      Effect.catchTag("Refusal", ({ said }) =>
        isSubmitLimit(said)
          ? Effect.undefined
          : Effect.fail(
              new LaunchError({
                host,
                detail: `Slurm refuses the job: ${said.split("\n").at(-1)}.`,
                fix: "Choose another placement, or another partition.",
              }),
            ),
      ),
    )
    if (printed === undefined) return "full"
    const id = printed.trim().split(";")[0]!
    yield* keepJob(folder, id)
    if ((yield* endingOf(folder)) !== undefined) yield* Effect.ignore(commands.run("scancel", [id]))
    return { id, adopted: false }
  })
  /** The job of a unit, after it was submitted if it had none; none is submitted if `isFull`. */
  return (unit: LaunchUnit, isFull: boolean) => placing(folderOf(unit.name).path, submitAlone(unit, isFull))
}

/** Whose measurements a unit takes over: the attempt before, else those of earlier runs, unless it measures again. */
const makeBefore = ({ folderOf, workspace: { raw } }: Site) => {
  const earlier = succeedsOnce(earlierUnits(raw))
  const collected = succeedsOnce(collectedRecords(raw))
  return Effect.fnUntraced(function* (unit: LaunchUnit) {
    const attempt = attemptOf(unit)
    if (attempt > 1) return [{ folder: folderOf(unit.name.replace(/\d+$/, String(attempt - 1))) }]
    if (unit.cells.some(({ order }) => order.fresh)) return []
    const ended = yield* earlier
    const left = unit.cells.flatMap(({ order }) => ended.get(order.spec.identity) ?? [])
    // Rungs are judged together: those that are in the workspace are reused there.
    if (unit.cells.every(({ ramp }) => ramp === undefined)) return left
    const ids = yield* collected
    const only = new Set(unit.cells.flatMap(({ order }) => ids.get(order.spec.identity) ?? []))
    return [...left, { folder: { path: raw, records: raw }, only }]
  })
}
