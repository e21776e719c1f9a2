import {
  attemptOf,
  type Connection,
  HostAway,
  type Launcher,
  LaunchError,
  type LaunchTarget,
  type LaunchUnit,
  type Observation,
  ShapeRefused,
} from "@rigbook/core"
import { adoptRecord, findWorkspace, RECORD_FILE } from "@rigbook/records"
import { recordsIn, succeedsOnce } from "@rigbook/runner"
import { Effect, FileSystem } from "effect"
import { basename, join } from "node:path"
import { jobsOf, partitionsOf } from "./Cluster.ts"
import { isSubmitLimit, localCommands } from "./Commands.ts"
import { earlierUnits } from "./Earlier.ts"
import { nodeFacts } from "./NodeFacts.ts"
import { choiceOf, type Partition, partitionMisfit } from "./Partition.ts"
import { placing } from "./Placing.ts"
import { makeQueued } from "./Queued.ts"
import { placeFlags, scriptOf, submitFlags } from "./Script.ts"
import { type Job, whereIs } from "./State.ts"
import { collectedRecords, keepCollected, tidyUnits } from "./Tidy.ts"
import {
  type Ending,
  endingOf,
  exitCodeOf,
  isKnown,
  keepEnding,
  keepJob,
  linesOf,
  logTail,
  prepare,
  submittedJob,
  type UnitFolder,
  unitFolder,
} from "./UnitFolder.ts"

/** Variables that a worker gets, as the job has no other environment. */
const INHERITED = ["HOME", "PATH", "LANG", "USER", "XDG_CACHE_HOME", "RIGBOOK_CACHE", "SLURM_CONF"]
/** How long the files of a node may take to arrive after its job has ended. */
const ARRIVAL_MS = 60_000
/** How long a job may be unknown to Slurm before it is lost: sacct is late, and a controller that is killed forgets jobs. */
const UNKNOWN_MS = 120_000
/** Longest wait for a cancelled job to end: Slurm sends KILL 30 s after TERM. */
const CANCEL_MS = 180_000
const POLL_MS = 500
/** Jobs that are with Slurm at the same time, at the least: it starts them one after the other. */
const LEAST_QUEUED = 16
/** The same for each node of the partition, so that none waits for the next look. */
const QUEUED_PER_NODE = 2

/**
 * A cluster that Slurm schedules, from one of its login nodes: units are jobs, each alone on a node. The workspace, Node and
 * Rigbook have to be on a disk that the nodes share. Of `cluster:gpu/rtx5090` the part names the partition and the type of
 * GPU. The address is empty.
 */
export const slurm: Launcher<FileSystem.FileSystem> = {
  id: "slurm",
  description: "jobs of a Slurm cluster, from a login node",
  connect: Effect.fn("Slurm.connect")(function* (target) {
    const { address, name: host, part, program, workspace } = target
    if (address !== "" && address !== "localhost")
      return yield* new LaunchError({
        host,
        detail: "a Slurm cluster is reached from its login node, without an address.",
        fix: "Run Rigbook there, and leave the address empty.",
      })
    const commands = localCommands(host)
    const choice = choiceOf(part)
    const partitions = yield* partitionsOf(commands)
    const partition = yield* chosen(host, partitions, choice.partition)
    const machine = { choice, root: workspace.root, node: process.execPath, entry: program.entry }
    const env = Object.fromEntries(
      INHERITED.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
    )
    const folderOf = (name: string) => unitFolder(workspace.raw, name)
    /** When a job was first found to be missing, or to have ended without its files. */
    const since = new Map<string, number>()

    const find = Effect.fnUntraced(function* (names: ReadonlyArray<string>) {
      const ids = yield* Effect.forEach(names, (name) =>
        Effect.map(submittedJob(folderOf(name)), (id) => [name, id] as const),
      )
      return yield* jobsOf(
        commands,
        new Map(ids.flatMap(([name, id]) => (id === undefined ? [] : [[name, id] as const]))),
        names,
      )
    })

    const earlier = succeedsOnce(earlierUnits(workspace.raw))
    const collected = succeedsOnce(collectedRecords(workspace.raw))
    /** Whose measurements a unit takes over: the attempt before, else those of earlier runs, unless it measures again. */
    const beforeOf = Effect.fnUntraced(function* (unit: LaunchUnit) {
      const attempt = attemptOf(unit)
      if (attempt > 1) return [{ folder: folderOf(unit.name.replace(/\d+$/, String(attempt - 1))) }]
      if (unit.cells.some(({ order }) => order.fresh)) return []
      const ended = yield* earlier
      const left = unit.cells.flatMap(({ order }) => ended.get(order.spec.identity) ?? [])
      // Rungs are judged together: those that are in the workspace are reused there.
      if (unit.cells.every(({ ramp }) => ramp === undefined)) return left
      const ids = yield* collected
      const only = new Set(unit.cells.flatMap(({ order }) => ids.get(order.spec.identity) ?? []))
      return [...left, { folder: { path: workspace.raw, records: workspace.raw }, only }]
    })

    const check: Connection["check"] = Effect.fnUntraced(function* (shape) {
      const why = partitionMisfit(choice.gpu === undefined ? shape : { gpu: choice.gpu, ...shape }, partition)
      if (why !== undefined) return yield* new ShapeRefused({ host, ...why })
      const script = "#!/bin/sh\ntrue\n"
      yield* commands.run("sbatch", ["--test-only", ...placeFlags(shape, choice)], script).pipe(
        Effect.catchTag("Refusal", ({ said }) =>
          Effect.fail(
            new ShapeRefused({
              host,
              detail: `Slurm refuses it: ${said.split("\n").at(-1)}.`,
              fix: "Choose another placement, or another partition.",
            }),
          ),
        ),
      )
    })

    const placeAlone = Effect.fnUntraced(function* (unit: LaunchUnit, isFull: boolean) {
      const folder = folderOf(unit.name)
      const own = yield* submittedJob(folder)
      if (own !== undefined) return { id: own, adopted: true }
      // Another program may have cancelled it while it waited here.
      if ((yield* endingOf(folder)) !== undefined) return { id: unit.name, adopted: true }
      // Killed between sbatch and the line that keeps its job: Slurm knows it by name.
      const known = (yield* find([unit.name])).get(unit.name)
      if (known !== undefined) {
        yield* keepJob(folder, known.id)
        return { id: known.id, adopted: true }
      }
      const job = { ...machine, env, folder: folder.path }
      yield* prepare(folder, unit, scriptOf(job), yield* beforeOf(unit))
      if (isFull) return "full"
      const printed = yield* commands.run("sbatch", submitFlags(unit, job), scriptOf(job)).pipe(
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
    const place = (unit: LaunchUnit, isFull: boolean) => placing(folderOf(unit.name).path, placeAlone(unit, isFull))
    const queued = makeQueued(Math.max(LEAST_QUEUED, QUEUED_PER_NODE * partition.nodes), place)

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
      const jobs = yield* find(live.map(({ name }) => name))
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

    const cancel: Connection<FileSystem.FileSystem>["cancel"] = Effect.fnUntraced(function* (name) {
      const folder = folderOf(name)
      if (!(yield* isKnown(folder)) || (yield* endingOf(folder)) !== undefined) return
      const fs = yield* FileSystem.FileSystem
      yield* Effect.orDie(fs.writeFileString(join(folder.path, "cancelled"), ""))
      const start = Date.now()
      for (;;) {
        const job = (yield* find([name])).get(name)
        if (job === undefined && (yield* submittedJob(folder)) === undefined)
          return void (yield* settle(folder, CANCELLED))
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

    const connection: Connection<FileSystem.FileSystem> = {
      facts:
        target.known === undefined
          ? succeedsOnce(nodeFacts(commands, { ...machine, partition }))
          : Effect.succeed(target.known),
      check,
      submit: queued.add,
      observe,
      cancel,
      collect: (unit) => collect(host, unit, folderOf(unit.name), target),
      tidy: (kept) => tidyUnits(workspace.raw, kept),
    }
    return connection
  }),
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

/** The partition that is named, else the cluster's default one. */
const chosen = Effect.fnUntraced(function* (
  host: string,
  partitions: ReadonlyArray<Partition>,
  name: string | undefined,
) {
  const found = partitions.find((partition) => (name === undefined ? partition.isDefault : partition.name === name))
  if (found !== undefined) return found
  const names = partitions.map((partition) => partition.name).join(", ") || "none"
  return yield* new LaunchError({
    host,
    detail: name === undefined ? "the cluster has no default partition." : `the cluster has no partition ${name}.`,
    fix: `Name one of its partitions behind a colon: ${names}.`,
  })
})

const hasRecord = (folder: UnitFolder) => Effect.map(linesOf(folder), (lines) => recordsIn(lines).length > 0)

/** Why a unit failed: what its worker says, else the end of its log, else what Slurm says. */
const sentenceOf = Effect.fnUntraced(function* (folder: UnitFolder, detail: string | undefined) {
  const said = (yield* linesOf(folder)).findLast((line) => line.kind === "error")
  if (said?.kind === "error") return said.message
  const log = yield* logTail(folder)
  return log === "" ? detail : log
})

/** Takes the unit's records into the workspace, each once it is verified. */
const collect = Effect.fnUntraced(function* (
  host: string,
  unit: LaunchUnit,
  folder: UnitFolder,
  { workspace: { raw, root } }: LaunchTarget,
) {
  const fs = yield* FileSystem.FileSystem
  const ids = recordsIn(yield* linesOf(folder))
  const wrong = (message: string) =>
    new LaunchError({ host, detail: message, fix: `Its records are in ${folder.records}.` })
  const workspace = yield* Effect.mapError(findWorkspace(root), ({ message }) => wrong(message))
  yield* Effect.gen(function* () {
    const results = join(raw, "..")
    yield* fs.makeDirectory(results, { recursive: true })
    const incoming = yield* fs.makeTempDirectoryScoped({ directory: results, prefix: ".incoming-" })
    for (const id of ids) {
      if (yield* fs.exists(join(raw, id, RECORD_FILE))) continue
      const copy = join(incoming, basename(id))
      yield* fs.copy(join(folder.records, basename(id)), copy)
      yield* adoptRecord(workspace, copy)
    }
  }).pipe(
    Effect.scoped,
    Effect.catchTag(["RecordRefused", "BadTelemetry", "UnreadableFile", "PlatformError"], ({ message }) =>
      Effect.fail(wrong(message)),
    ),
  )
  // Of a unit that failed or was stopped, more is there than its records.
  if ((yield* endingOf(folder))?.outcome === "done") yield* keepCollected(raw, folder)
  return ids
})
