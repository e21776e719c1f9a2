import { type Connection, HostAway, type LaunchError, type Observation } from "@rigbook/core"
import { recordsIn } from "@rigbook/runner"
import { Effect, FileSystem } from "effect"
import { basename, join } from "node:path"
import { placing } from "./Placing.ts"
import type { Queued } from "./Queued.ts"
import { findJobs, type Site } from "./Site.ts"
import { type Job, whereIs } from "./State.ts"
import {
  type Ending,
  endingOf,
  exitCodeOf,
  isKnown,
  keepEnding,
  linesOf,
  logTail,
  submittedJob,
  type UnitFolder,
} from "./UnitFolder.ts"

/** How long the files of a node may take to arrive after its job has ended. */
const ARRIVAL_MS = 60_000
/** How long a job may be unknown to Slurm before it is lost: sacct is late, and a controller that is killed forgets jobs. */
const UNKNOWN_MS = 120_000
/** Longest wait for a cancelled job to end: Slurm sends KILL 30 s after TERM. */
const CANCEL_MS = 180_000
const POLL_MS = 500

/** Says where units are, and ends them. How a unit ended is kept in its folder, as Slurm forgets jobs. */
export const makeFollow = (site: Site, queued: Queued<LaunchError | HostAway, FileSystem.FileSystem>) => {
  const { commands, folderOf, host } = site
  /** When a job was first found to be missing, or to have ended without its files. */
  const since = new Map<string, number>()

  /** How an ended unit ended: kept, so that it stays so when Slurm has forgotten it. */
  const settle = Effect.fnUntraced(function* (folder: UnitFolder, ending: Ending) {
    yield* keepEnding(folder, ending)
    queued.leave(basename(folder.path))
    return ending
  })

  const waitedMs = (name: string): number => {
    const first = since.get(name) ?? Date.now()
    since.set(name, first)
    return Date.now() - first
  }

  const stateOf = Effect.fnUntraced(function* (name: string, job: Job | undefined) {
    const folder = folderOf(name)
    const isCancelled = yield* Effect.orDie((yield* FileSystem.FileSystem).exists(join(folder.path, "cancelled")))
    if (job === undefined) {
      const code = yield* exitCodeOf(folder)
      if (code !== undefined) return yield* over(folder, whereIs(asEnded(name, code)), isCancelled, code)
      if (isCancelled) return yield* over(folder, CANCELLED, true)
      return waitedMs(name) < UNKNOWN_MS
        ? ({ state: "waiting", detail: "Slurm does not know its job yet, or no longer." } as const)
        : yield* over(folder, { state: "ended", outcome: "lost", detail: "Slurm does not know its job." }, false)
    }
    const where = whereIs(job)
    if (where.state !== "ended") since.delete(name)
    if (where.state === "stuck") {
      yield* Effect.ignore(commands.run("scancel", [job.id]))
      return yield* over(folder, { state: "ended", outcome: "lost", detail: where.detail }, isCancelled)
    }
    if (where.state === "ended" && where.outcome === "done" && (yield* exitCodeOf(folder)) === undefined) {
      if (waitedMs(name) < ARRIVAL_MS) return { state: "running" } as const
      const detail = `Job ${job.id} ended, but its files have not arrived: the nodes and this machine need a disk that they share.`
      return yield* over(folder, { state: "ended", outcome: "failed", detail }, isCancelled)
    }
    return yield* over(folder, where, isCancelled, job.exitCode)
  })

  const over = Effect.fnUntraced(function* (
    folder: UnitFolder,
    where: ReturnType<typeof whereIs>,
    isCancelled: boolean,
    exitCode?: number,
  ) {
    if (where.state !== "ended") return where
    // Exit code 1 is that of an invalid record, which is a result, and of a program that fell.
    const fell = where.outcome === "done" && exitCode === 1 && !(yield* hasRecord(folder))
    const outcome = fell ? "failed" : where.outcome
    const detail = fell ? "It ended with exit code 1, without a record." : where.detail
    const failed = outcome === "failed" ? yield* sentenceOf(folder, detail) : detail
    const ending: Ending =
      isCancelled && outcome !== "done"
        ? { outcome: "cancelled", detail: "It was cancelled." }
        : { outcome, ...(failed === undefined ? {} : { detail: failed }) }
    return { state: "ended", ...(yield* settle(folder, ending)) } as const
  })

  const observe: Connection<FileSystem.FileSystem>["observe"] = Effect.fnUntraced(function* (units) {
    yield* queued.fill(({ name }, error) =>
      error._tag === "HostAway"
        ? Effect.fail(error)
        : Effect.asVoid(settle(folderOf(name), { outcome: "failed", detail: error.detail })),
    )
    const found = new Map<string, Observation>()
    const live: Array<(typeof units)[number]> = []
    for (const unit of units) {
      const folder = folderOf(unit.name)
      const ending = yield* endingOf(folder)
      if (ending !== undefined) {
        queued.leave(unit.name) // another program may have cancelled it
        found.set(unit.name, { state: "ended", ...ending, lines: (yield* linesOf(folder)).slice(unit.after) })
      } else if (yield* isKnown(folder)) live.push(unit)
      else {
        queued.leave(unit.name) // another program has collected and removed it
        found.set(unit.name, { state: "unknown" })
      }
    }
    if (live.length === 0) return found
    const jobs = yield* findJobs(
      site,
      live.map(({ name }) => name),
    )
    for (const { after, name } of live) {
      if (queued.waits(name)) {
        found.set(name, { state: "waiting", detail: "It is submitted once a job before it has ended." })
        continue
      }
      const where = yield* stateOf(name, jobs.get(name))
      if (where.state === "waiting") found.set(name, where)
      else if (where.state !== "stuck")
        found.set(name, { ...where, lines: (yield* linesOf(folderOf(name))).slice(after) })
    }
    const isNew = [...found.values()].some((one) => "lines" in one && one.lines.length > 0)
    if (!isNew) yield* Effect.sleep(POLL_MS)
    return found
  })

  /** Whether a unit that has no job has ended now as cancelled. To be carried out while nobody submits it. */
  const settledUnsubmitted = Effect.fnUntraced(function* (name: string) {
    const folder = folderOf(name)
    if ((yield* submittedJob(folder)) !== undefined || (yield* findJobs(site, [name])).has(name)) return false
    yield* settle(folder, CANCELLED)
    return true
  })

  const cancel: Connection<FileSystem.FileSystem>["cancel"] = Effect.fnUntraced(function* (name) {
    const folder = folderOf(name)
    if (!(yield* isKnown(folder)) || (yield* endingOf(folder)) !== undefined) return
    const fs = yield* FileSystem.FileSystem
    yield* Effect.orDie(fs.writeFileString(join(folder.path, "cancelled"), ""))
    const start = Date.now()
    for (;;) {
      let job = (yield* findJobs(site, [name])).get(name)
      // Who submits it now has its job a moment later; after the turn nobody submits it, as its ending is known.
      if (job === undefined) {
        if (yield* placing(folder.path, settledUnsubmitted(name))) return
        job = (yield* findJobs(site, [name])).get(name)
        const id = yield* submittedJob(folder)
        // One that Slurm does not list has ended, or is not listed yet.
        if (job === undefined && id !== undefined) yield* Effect.ignore(commands.run("scancel", [id]))
      }
      const where = yield* stateOf(name, job)
      if (where.state === "ended") return
      if (Date.now() - start > CANCEL_MS)
        return yield* new HostAway({
          host,
          detail: `its job ${job?.id ?? ""} has not ended ${CANCEL_MS / 1000} s after it was cancelled.`,
          fix: "See squeue.",
        })
      if (job !== undefined) yield* Effect.ignore(commands.run("scancel", [job.id]))
      yield* Effect.sleep(POLL_MS)
    }
  })

  return { observe, cancel }
}

const CANCELLED = { state: "ended", outcome: "cancelled", detail: "It was cancelled." } as const

/** A job that Slurm has forgotten, by the exit code that its script has kept. */
const asEnded = (name: string, exitCode: number): Job => ({
  id: "",
  name,
  state: exitCode === 0 ? "COMPLETED" : "FAILED",
  reason: "",
  nodes: "",
  exitCode,
  signal: 0,
})

const hasRecord = (folder: UnitFolder) => Effect.map(linesOf(folder), (lines) => recordsIn(lines).length > 0)

/** Why a unit failed: what its worker says, else the end of its log, else what Slurm says. */
const sentenceOf = Effect.fnUntraced(function* (folder: UnitFolder, detail: string | undefined) {
  const said = (yield* linesOf(folder)).findLast((line) => line.kind === "error")
  if (said?.kind === "error") return said.message
  const log = yield* logTail(folder)
  return log === "" ? detail : log
})
