import {
  BackendError,
  BadModel,
  bounds,
  Crashed,
  isBatch,
  type Metric,
  placedGpus,
  type RunRecord,
  type Sample,
  type Session,
  TimedOut,
  trialWork,
} from "@rigbook/core"
import { fetchModel } from "@rigbook/core/models"
import {
  appendJournal,
  appendShared,
  isWhole,
  type Journal,
  keepRunPlan,
  leftRuns,
  localNames,
  measuredEnough,
  mendJournal,
  mendTelemetry,
  METRICS,
  readJournal,
  readRecords,
  readTelemetry,
  rungOf,
  runLock,
  saturationOf,
  shareLogs,
  warmEnough,
  type Workspace,
  writeRecord,
} from "@rigbook/records"
import { Clock, Effect, FileSystem, Scope } from "effect"
import { basename, dirname, join } from "node:path"
import { captureEnvironment } from "../host/CaptureEnvironment.ts"
import type { Cell } from "../plan/Cell.ts"
import { coolDown, type HotDevice, temperatures } from "../telemetry/CoolDown.ts"
import { sampleTelemetry } from "../telemetry/TelemetrySampler.ts"
import { DeviceSources, type OpenSources } from "../vendors/DeviceSources.ts"
import { answerRequests, askForAnswers } from "./Answers.ts"
import { begin, now, recordFailure } from "./Begin.ts"
import { badFiles } from "./BadFiles.ts"
import { identityOf } from "./Identify.ts"
import { runTrial } from "./Trial.ts"

/**
 * What happens while cells run, in order. `done` of `total` trials are measured, `kept` of them by an interrupted run.
 */
export type RunEvent<R = never> =
  /** The cell has a current record, which is reused. */
  | { readonly _tag: "Skipped"; readonly cell: Cell<R>; readonly record: RunRecord }
  /** A rung of a ramp that has ended below it; it has no record. */
  | { readonly _tag: "PassedOver"; readonly cell: Cell<R>; readonly reason: string }
  /** `kept` measured trials exist from an interrupted run. */
  | { readonly _tag: "Started"; readonly cell: Cell<R>; readonly id: string; readonly kept: number }
  /** It waits until a GPU of the cell is about as cool as when the run began. */
  | { readonly _tag: "Cooling"; readonly cell: Cell<R>; readonly hot: HotDevice }
  | { readonly _tag: "Opened"; readonly cell: Cell<R>; readonly loadMs: number }
  /** The requests are sent whose answers are stored: see Answers. */
  | { readonly _tag: "Asking"; readonly cell: Cell<R>; readonly requests: number }
  | {
      readonly _tag: "Trial"
      readonly cell: Cell<R>
      readonly sample: Sample
      readonly done: number
      /** Trials of the cell at most: fewer if the figures are precise enough before. */
      readonly total: number
    }
  | { readonly _tag: "Finished"; readonly cell: Cell<R>; readonly record: RunRecord }

/** How cells are run. */
export interface RunOptions<R> {
  readonly workspace: Workspace
  /** Measure again instead of reusing current records. */
  readonly fresh?: boolean
  /**
   * Measures all cells this many times, each time for a share of their trials: A B A B instead of A A B B, so that
   * drift affects all of them alike. Each round opens the engine again and warms it up. 1 unless set. A ramp's
   * rungs are measured completely in the first round: each decides on the next.
   */
  readonly rounds?: number
  readonly metrics?: ReadonlyArray<Metric>
  readonly onEvent?: (event: RunEvent<R>) => Effect.Effect<void>
}

/**
 * Runs cells one after the other and returns their records, including reused ones. A cell that fails,
 * can't be started, or whose interrupted run can't be read, is a record, never the end of the run; a ramp that has
 * ended leaves its other rungs without one. If it is interrupted or killed, the next run resumes after the last
 * complete trial. Fails with `WorkspaceBusy` if another run uses the workspace, with `PlatformError` if its folder
 * can't be read or written, with `BadJournal` or `BadTelemetry` if what was just written of a failed cell can't be read
 * back.
 */
export const run = Effect.fn("Run.run")(function* <R>(cells: ReadonlyArray<Cell<R>>, options: RunOptions<R>) {
  const { workspace } = options
  const folder = join(workspace.raw, "..")
  yield* runLock(folder)
  const specs = cells.map(({ spec }) => spec)
  yield* keepRunPlan(folder, specs, { fresh: options.fresh === true, startedAt: yield* now })
  const { records } = yield* readRecords(workspace.raw)
  const leftOver = yield* leftRuns(workspace.raw)
  const emit = options.onEvent ?? (() => Effect.void)
  // Opened by the first measured cell, and kept for the others.
  const scope = yield* Effect.scope
  const devices = yield* Effect.cached(
    Effect.map(Scope.provide(yield* DeviceSources, scope), (open) => ({ open, idle: temperatures(open) })),
  )
  const results: Array<RunRecord | undefined> = cells.map(() => undefined)
  const passedOver = new Set<Cell<R>>()
  const begun = new Map<string, CutRun>()
  const rounds = options.rounds ?? 1
  for (let round = 1; round <= rounds; round++)
    for (const [index, cell] of cells.entries()) {
      if (results[index] !== undefined || passedOver.has(cell)) continue
      const reason = rampEnd(cell, results)
      if (reason !== undefined) {
        passedOver.add(cell)
        yield* emit({ _tag: "PassedOver", cell, reason })
        continue
      }
      const { identity, protocol } = cell.spec
      const { max, min } = bounds(protocol.trials)
      const same = (record: RunRecord | undefined): boolean => record?.cell.identity === identity
      const holding = records.findLast((record) => same(record) && record.verdict.status !== "invalid")
      const previous = results.find(same) ?? (options.fresh === true ? undefined : holding)
      if (previous !== undefined) {
        yield* emit({ _tag: "Skipped", cell, record: previous })
        results[index] = previous
        continue
      }
      const left =
        options.fresh === true
          ? undefined
          : leftOver.findLast(({ journal }) => journal.header.cell.identity === identity)
      const surroundings = {
        emit,
        devices,
        // Whether the trials are enough is decided only at the end: the rounds before make the minimum number of
        // trials.
        until: round === rounds || cell.ramp !== undefined ? max : Math.ceil((min * round) / rounds),
      }
      const failure = cell.failure ?? (left?.bad && badFiles(cell.backend.id, workspace.root, left.folder, left.bad))
      const end = yield* failure === undefined
        ? runCell(cell, begun.get(identity) ?? left, options, surroundings).pipe(
            // Unreadable or unwritable files of one cell are that cell's failure.
            Effect.catchTag(["BadJournal", "BadTelemetry", "PlatformError"], (error) =>
              failCell(cell, badFiles(cell.backend.id, workspace.root, left?.folder, error), options, emit),
            ),
          )
        : failCell(cell, failure, options, emit)
      if ("journal" in end) begun.set(identity, end)
      else results[index] = end
    }
  return results.filter((record) => record !== undefined)
}, Effect.scoped)

const failCell = Effect.fnUntraced(function* <R>(
  cell: Cell<R>,
  failure: BackendError,
  { metrics, workspace }: RunOptions<R>,
  emit: Surroundings<R>["emit"],
) {
  const record = yield* recordFailure(cell, failure, workspace, metrics)
  yield* emit({ _tag: "Finished", cell, record })
  return record
})

/** Why a ramp has ended below a cell; `undefined` if it continues, and for a cell that is no rung. */
const rampEnd = <R>({ ramp }: Cell<R>, results: ReadonlyArray<RunRecord | undefined>): string | undefined => {
  if (ramp === undefined) return undefined
  const rungs = ramp.below.flatMap((identity) => {
    const record = results.find((result) => result?.cell.identity === identity)
    return (record && rungOf(record)) ?? []
  })
  return saturationOf(rungs, ramp).end
}

/** A cell that has a journal and no record yet. */
interface CutRun {
  readonly folder: string
  readonly journal: Journal
}

interface Surroundings<R> {
  readonly emit: (event: RunEvent<R>) => Effect.Effect<void>
  /** What reads devices, and how warm each was before the run's first cell. */
  readonly devices: Effect.Effect<{ readonly open: OpenSources; readonly idle: ReadonlyMap<string, number> }>
  /** The maximum number of measured trials in the end. */
  readonly until: number
}

/** Runs a cell up to this many measured trials: to its record, or to where the next round resumes. */
const runCell = Effect.fn("Run.runCell")(function* <R>(
  cell: Cell<R>,
  cut: CutRun | undefined,
  { metrics = METRICS, workspace }: RunOptions<R>,
  { devices, emit, until }: Surroundings<R>,
) {
  const { protocol } = cell.spec
  const { max } = bounds(protocol.trials)
  const names = localNames(workspace.root)
  const folder = cut?.folder ?? (yield* begin(cell, workspace))
  const whole = cut?.journal.samples.filter((sample) => isWhole(sample, cell.spec)) ?? []
  const kept = whole.length
  const failed = cut?.journal.failure !== undefined
  if (cut !== undefined && !failed && kept >= until && until < max) return cut
  if (cut !== undefined) {
    yield* Effect.andThen(mendJournal(folder), mendTelemetry(folder))
    yield* readTelemetry(folder) // otherwise an unreadable file would be found only after measuring
  }
  yield* emit({ _tag: "Started", cell, id: basename(folder), kept })
  const ended = failed || measuredEnough(protocol, whole)
  if (!ended && cut?.journal.finishedAt === undefined) {
    const opening = cut?.journal.openings ?? 0
    if (cut !== undefined) {
      const environment = yield* captureEnvironment(workspace.root)
      yield* appendJournal(folder, { kind: "resumed", at: yield* now, environment })
    }
    const answered = cut?.journal.answers !== undefined
    const failure = yield* measure(cell, { folder, opening, whole, until, answered, workspace, emit, devices }).pipe(
      Effect.scoped,
      Effect.as(undefined),
      Effect.catchTag("BackendError", Effect.succeed),
      Effect.catchDefect((defect) => Effect.succeed(pluginDefect(cell.backend.id, defect))),
    )
    if (failure !== undefined)
      yield* appendShared(folder, names, { kind: "failed", failure: yield* withLog(failure, folder, opening) })
    else if (until < max) {
      const journal = yield* readJournal(folder)
      if (journal !== undefined) return { folder, journal } satisfies CutRun
    }
  }
  if (cut?.journal.finishedAt === undefined) yield* appendJournal(folder, { kind: "finished", at: yield* now })
  yield* shareLogs(folder, names)
  const record = yield* writeRecord(folder, metrics)
  yield* emit({ _tag: "Finished", cell, record })
  return record
})

/** A plugin that throws fails its own cell, and no other. */
const pluginDefect = (backend: string, defect: unknown): BackendError => {
  const { message, stack } = defect instanceof Error ? defect : new Error(String(defect))
  return new BackendError({
    backend,
    reason: new Crashed({
      detail: `The plugin ended with a defect: ${message}.`,
      fix: "Report it to the plugin's authors; the stack is in the log.",
    }),
    logTail: (stack ?? message).split("\n"),
  })
}

interface Progressing<R> extends Surroundings<R> {
  readonly workspace: Workspace
  readonly folder: string
  readonly opening: number
  /** Measured trials already in the journal. */
  readonly whole: ReadonlyArray<Sample>
  /** The journal already has the model's answers. */
  readonly answered: boolean
}

/** Opens the engine and runs the missing trials; each is in the journal before the next begins. */
const measure = Effect.fnUntraced(function* <R>(cell: Cell<R>, progressing: Progressing<R>) {
  const { answered, devices, emit, folder, opening, until, whole, workspace } = progressing
  const { backend, options, prompts, spec } = cell
  const { protocol } = spec
  const files = yield* weightsOf(cell, workspace)
  const { idle, open } = yield* devices
  yield* coolDown(open, idle, placedGpus(spec), (hot) => emit({ _tag: "Cooling", cell, hot }))
  const telemetry = yield* sampleTelemetry(folder, opening, open)
  const clock = yield* Clock.Clock
  const start = clock.monotonicTimeNanosUnsafe()
  const session = yield* backend
    .open({
      config: options,
      runtime: spec.runtime,
      files,
      model: spec.model,
      task: spec.task,
      placement: spec.placement,
      logFile: logFile(folder, opening),
      openTimeoutMs: protocol.openTimeoutMs,
    })
    .pipe(
      Effect.timeoutOrElse({
        duration: protocol.openTimeoutMs + 5_000, // the backend's own deadline gives a better error; this is the fallback
        orElse: () => Effect.fail(notReady(backend.id, protocol.openTimeoutMs)),
      }),
    )
  const loadMs = Number(clock.monotonicTimeNanosUnsafe() - start) / 1e6
  yield* appendShared(folder, localNames(workspace.root), {
    kind: "opened",
    at: yield* now,
    effective: session.effective,
    ...(session.identify === undefined ? {} : { identity: yield* identityOf(session.identify) }),
  })
  yield* telemetry.watch(session.pids)
  yield* emit({ _tag: "Opened", cell, loadMs })
  const total = bounds(protocol.warmup).max + bounds(protocol.trials).max
  let done = whole.length
  const make = Effect.fnUntraced(function* (phase: Sample["phase"], trial: number) {
    // A server started by others may still have the texts of an earlier run, or of an interrupted trial, in its cache.
    const before = isBatch(spec.scenario) ? `${basename(folder)} ${opening} ` : ""
    const work = trialWork(spec.scenario, prompts, `${before}${phase}-${trial}`)
    const { error, sample } = yield* telemetry.during(
      { phase, trial },
      runTrial({ backend: backend.id, session, ...work, protocol, opening, loadMs, phase, trial }),
    )
    yield* appendJournal(folder, { kind: "sample", sample })
    if (error !== undefined) return yield* error
    yield* emit({ _tag: "Trial", cell, sample, done: ++done, total })
    return sample
  })
  const warmups: Array<Sample> = []
  while (!warmEnough(protocol, warmups)) warmups.push(yield* make("warmup", warmups.length))
  // With a warm engine and before anything is measured: these requests are in no figure.
  if (!answered) yield* keepAnswers(cell, session, progressing)
  const trials = [...whole]
  while (trials.length < until && !measuredEnough(protocol, trials)) trials.push(yield* make("measured", trials.length))
  if (session.identify !== undefined)
    yield* appendShared(folder, localNames(workspace.root), {
      kind: "closed",
      at: yield* now,
      identity: yield* identityOf(session.identify),
    })
})

const keepAnswers = Effect.fnUntraced(function* <R>(cell: Cell<R>, session: Session, { emit, folder }: Progressing<R>) {
  const { protocol, scenario } = cell.spec
  const requests = answerRequests(scenario, cell.prompts)
  yield* emit({ _tag: "Asking", cell, requests: requests.length })
  const answers = yield* askForAnswers(session, requests, protocol.requestTimeoutMs)
  yield* appendJournal(folder, { kind: "answers", answers })
})

/** The model's files with their weights, as the engine reads them. If they are unavailable, the cell fails. */
const weightsOf = <R>({ backend, files, spec }: Cell<R>, { root }: Workspace) =>
  files.headersOnly === true
    ? fetchModel(spec.config.name, spec.source, join(root, dirname(spec.config.path))).pipe(
        Effect.mapError((error) => {
          const { detail, fix, logTail } =
            error._tag === "SetupError"
              ? error
              : {
                  detail: `${error.message}.`,
                  fix: "Check the disk and the permissions of the cache folder.",
                  logTail: [],
                }
          return new BackendError({ backend: backend.id, reason: new BadModel({ detail, fix }), logTail })
        }),
        Effect.flatMap((fetched) => backend.files?.prepare(fetched, spec.runtime) ?? Effect.succeed(fetched)),
      )
    : Effect.succeed(files)

const logFile = (folder: string, opening: number): string =>
  join(folder, opening === 0 ? "engine.log" : `engine.${opening}.log`)

const TAIL_LINES = 40

/** Core keeps the deadline, but does not read the engine's log as it grows: the tail comes from the file. */
const withLog = Effect.fnUntraced(function* (failure: BackendError, folder: string, opening: number) {
  if (failure.logTail.length > 0) return failure
  const fs = yield* FileSystem.FileSystem
  const log = yield* Effect.orElseSucceed(fs.readFileString(logFile(folder, opening)), () => "")
  const logTail = log.trimEnd().split("\n").slice(-TAIL_LINES)
  return new BackendError({ backend: failure.backend, reason: failure.reason, logTail })
})

const notReady = (backend: string, afterMs: number): BackendError =>
  new BackendError({
    backend,
    reason: new TimedOut({
      detail: `The engine was not ready after ${afterMs / 1000} s.`,
      fix: "Read the engine's log; raise protocol.openTimeoutMs if it was only slow.",
      afterMs,
    }),
    logTail: [],
  })
