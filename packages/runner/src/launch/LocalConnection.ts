import {
  type Connection,
  type HostFacts,
  LaunchError,
  type Metric,
  type Observation,
  type Outcome,
  type RunLine,
  ShapeRefused,
  type LaunchUnit,
} from "@rigbook/core"
import type { Workspace } from "@rigbook/records"
import { Cause, Deferred, Effect, Fiber, type FileSystem, Option, Semaphore } from "effect"
import type { Cell } from "../plan/Cell.ts"
import { run } from "../run/Run.ts"

/** Name of this machine, where a host is named. */
export const LOCAL = "local"

/** Options of `localConnection`. */
export interface LocalOptions<R> {
  readonly workspace: Workspace
  /** The cells that units may order, as they were planned in this process. */
  readonly cells: ReadonlyArray<Cell<R>>
  readonly facts: HostFacts
  readonly metrics?: ReadonlyArray<Metric>
}

/** A unit of this process, and what it has reported until now. */
interface Job {
  readonly lines: Array<RunLine>
  begun: boolean
  ended?: { readonly outcome: Outcome; readonly detail?: string }
  fiber?: Fiber.Fiber<void>
}

/** Longest wait of `observe` for something new. */
const WAIT_MS = 500

/**
 * This machine as a host: units run in this process, one after the other, as `run` does, and end with the scope. The next
 * run resumes what they have measured.
 */
export const localConnection = Effect.fn("LocalConnection.localConnection")(function* <R>({
  cells,
  facts,
  metrics,
  workspace,
}: LocalOptions<R>) {
  const scope = yield* Effect.scope
  const services = yield* Effect.context<R | FileSystem.FileSystem>()
  const turn = yield* Semaphore.make(1)
  const jobs = new Map<string, Job>()
  /** Is completed when any unit has something new. */
  let news = yield* Deferred.make<void>()
  const announce = Effect.suspend(() => {
    const before = news
    news = Deferred.makeUnsafe<void>()
    return Deferred.succeed(before, undefined)
  })

  const carryOut = Effect.fnUntraced(
    function* (unit: LaunchUnit, job: Job) {
      job.begun = true
      yield* announce
      yield* run(cellsOf(unit, cells), {
        workspace,
        rounds: unit.rounds,
        fresh: unit.cells.some(({ order }) => order.fresh),
        ...(metrics === undefined ? {} : { metrics }),
        onLine: (line) =>
          Effect.andThen(
            Effect.sync(() => void job.lines.push(line)),
            announce,
          ),
      })
      job.ended = { outcome: "done" }
    },
    (running, _, job) =>
      running.pipe(
        turn.withPermits(1),
        Effect.catchCause((cause) =>
          Cause.hasInterruptsOnly(cause)
            ? Effect.interrupt
            : Effect.sync(() => void (job.ended = { outcome: "failed", detail: sentenceOf(cause) })),
        ),
        Effect.ensuring(announce),
      ),
  )

  const submit = Effect.fn("LocalConnection.submit")(function* (unit: LaunchUnit) {
    const id = `process ${process.pid}`
    if (jobs.has(unit.name)) return { id, adopted: true }
    const missing = unit.cells.length - cellsOf(unit, cells).length
    if (missing > 0)
      return yield* new LaunchError({
        host: LOCAL,
        detail: `${missing} of the unit's cells were not planned here.`,
        fix: "Plan them on this machine.",
      })
    const job: Job = { lines: [], begun: false }
    jobs.set(unit.name, job)
    job.fiber = yield* Effect.forkIn(Effect.provideContext(carryOut(unit, job), services), scope)
    return { id, adopted: false }
  })

  const observe: Connection["observe"] = Effect.fnUntraced(function* (units) {
    const next = news
    const isNew = units.some(({ after, name }) => {
      const job = jobs.get(name)
      return job === undefined || job.ended !== undefined || job.lines.length > after
    })
    if (!isNew) yield* Effect.timeoutOption(Deferred.await(next), WAIT_MS)
    return new Map(units.map(({ after, name }) => [name, observationOf(jobs.get(name), after)]))
  })

  const cancel: Connection["cancel"] = Effect.fnUntraced(function* (name) {
    const job = jobs.get(name)
    if (job?.fiber === undefined || job.ended !== undefined) return
    yield* Fiber.interrupt(job.fiber)
    job.ended ??= { outcome: "cancelled", detail: "It was cancelled." }
  })

  const collect: Connection["collect"] = ({ name }) => Effect.sync(() => recordsIn(jobs.get(name)?.lines ?? []))
  const check: Connection["check"] = (shape) => {
    const why = misfit(shape, facts)
    return why === undefined ? Effect.void : Effect.fail(refused(why))
  }
  return { facts: Effect.succeed(facts), check, submit, observe, cancel, collect }
})

/** The planned cells of a unit, in its order, each in the ramp that the unit says. */
const cellsOf = <R>(unit: LaunchUnit, planned: ReadonlyArray<Cell<R>>): ReadonlyArray<Cell<R>> =>
  unit.cells.flatMap(({ order, ramp }) => {
    const found = planned.find(({ spec }) => spec.identity === order.spec.identity)
    if (found === undefined) return []
    const { ramp: _, ...cell } = found
    return [ramp === undefined ? cell : { ...cell, ramp }]
  })

const observationOf = (job: Job | undefined, after: number): Observation => {
  if (job === undefined) return { state: "unknown" }
  const lines = job.lines.slice(after)
  if (job.ended !== undefined) return { state: "ended", ...job.ended, lines }
  return job.begun ? { state: "running", lines } : { state: "waiting", detail: "Another unit is running here." }
}

/** Ids of the records that a worker's lines name, each once, in their order. */
export const recordsIn = (lines: ReadonlyArray<RunLine>): ReadonlyArray<string> => [
  ...new Set(lines.flatMap((line) => (line.kind === "finished" || line.kind === "reused" ? [line.record] : []))),
]

/** Why no unit of this shape can run on a host with these facts; `undefined` if it can. Pure. */
export const misfit = (
  { gpu, gpus, nodes, seconds }: LaunchUnit["shape"],
  { gpuTypes, host, longestSeconds, nodes: most }: HostFacts,
): string | undefined => {
  const here = host.devices.filter(({ kind }) => kind === "gpu").length
  if (nodes > most) return `a unit needs ${nodes} machines, and it has ${most}.`
  if (gpus > here) return `a unit needs ${gpus} GPUs of a machine, and it has ${here}.`
  if (gpu !== undefined && gpuTypes.length > 0 && !gpuTypes.includes(gpu))
    return `a unit needs a GPU of type ${gpu}, and it has ${gpuTypes.join(", ")}.`
  return longestSeconds === undefined || seconds <= longestSeconds
    ? undefined
    : `a unit needs ${seconds} s, and it allows ${longestSeconds} s.`
}

const refused = (detail: string): ShapeRefused =>
  new ShapeRefused({ host: LOCAL, detail, fix: "Choose another placement, or another host." })

const sentenceOf = (cause: Cause.Cause<unknown>): string => {
  const error = Option.getOrUndefined(Cause.findErrorOption(cause))
  return error instanceof Error && error.message !== "" ? error.message : Cause.pretty(cause)
}
