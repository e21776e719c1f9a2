import {
  bounds,
  type DeviceReading,
  isBatch,
  isMultiTurn,
  isQuality,
  type Metric,
  placedGpus,
  type Sample,
  type Session,
  trialWork,
} from "@rigbook/core"
import {
  appendJournal,
  appendShared,
  claimRun,
  isWhole,
  type Journal,
  localNames,
  measuredEnough,
  mendJournal,
  mendTelemetry,
  readTelemetry,
  shareLogs,
  warmEnough,
  type Workspace,
  writeRecord,
} from "@rigbook/records"
import { Clock, Effect } from "effect"
import { basename } from "node:path"
import { captureEnvironment } from "../host/CaptureEnvironment.ts"
import type { Cell } from "../plan/Cell.ts"
import { forBackend } from "../plan/Served.ts"
import { atRest } from "../telemetry/AtRest.ts"
import { coolDown } from "../telemetry/CoolDown.ts"
import { sampleTelemetry } from "../telemetry/TelemetrySampler.ts"
import type { OpenSources } from "../vendors/DeviceSources.ts"
import { restrictedTo } from "../vendors/Vendors.ts"
import { answerRequests, askForAnswers } from "./Answers.ts"
import { begin, now } from "./Begin.ts"
import { logFile, notReady, pluginDefect, withLog } from "./CellFailures.ts"
import { identityOf } from "./Identify.ts"
import { type Emit, outcomeOf } from "./Lines.ts"
import { runTrial } from "./Trial.ts"
import { weightsOf } from "./Weights.ts"

/** What reads devices, how warm each was, and what it reported before the run's first cell. */
export interface RunDevices {
  readonly open: OpenSources
  readonly idle: ReadonlyMap<string, number>
  readonly began: ReadonlyArray<DeviceReading>
}

/** A cell that has a journal and no record yet. */
export interface CutRun {
  readonly folder: string
  readonly journal: Journal
}

/** What a cell is run in. */
export interface Surroundings {
  readonly workspace: Workspace
  readonly metrics: ReadonlyArray<Metric>
  readonly emit: Emit
  readonly devices: Effect.Effect<RunDevices>
  /** The maximum number of measured trials in the end. */
  readonly until: number
}

/**
 * Runs a cell up to this many measured trials: to its record, or to where the next round resumes. Returns the name of
 * its folder.
 */
export const runCell = Effect.fn("RunCell.runCell")(function* <R>(
  cell: Cell<R>,
  cut: CutRun | undefined,
  { devices, emit, metrics, until, workspace }: Surroundings,
) {
  const { protocol } = cell.spec
  const { max } = bounds(protocol.trials)
  const names = localNames(workspace.root)
  const folder = cut?.folder ?? (yield* begin(cell, workspace))
  yield* claimRun(folder)
  const whole = cut?.journal.samples.filter((sample) => isWhole(sample, cell.spec)) ?? []
  const kept = whole.length
  const failed = cut?.journal.failure !== undefined
  if (cut !== undefined && !failed && kept >= until && until < max) return basename(folder)
  if (cut !== undefined) {
    yield* Effect.andThen(mendJournal(folder), mendTelemetry(folder))
    yield* readTelemetry(folder) // otherwise an unreadable file would be found only after measuring
  }
  yield* emit({ kind: "started", cell: cell.spec.identity, record: basename(folder), kept })
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
    else if (until < max) return basename(folder)
  }
  if (cut?.journal.finishedAt === undefined) yield* appendJournal(folder, { kind: "finished", at: yield* now })
  yield* shareLogs(folder, names)
  const record = yield* writeRecord(folder, metrics)
  yield* emit({ kind: "finished", ...outcomeOf(record) })
  return record.id
}, Effect.scoped)

interface Progressing extends Omit<Surroundings, "metrics"> {
  readonly folder: string
  readonly opening: number
  /** Measured trials already in the journal. */
  readonly whole: ReadonlyArray<Sample>
  /** The journal already has the model's answers. */
  readonly answered: boolean
}

/** Opens the engine and runs the missing trials; each is in the journal before the next begins. */
const measure = Effect.fnUntraced(function* <R>(cell: Cell<R>, progressing: Progressing) {
  const { answered, devices, emit, folder, opening, until, whole, workspace } = progressing
  const { backend, options, prompts, spec } = cell
  const { protocol } = spec
  const files = yield* weightsOf(cell, workspace)
  const { began, idle, open } = yield* devices
  yield* coolDown(open, idle, placedGpus(spec), (hot) => emit({ kind: "cooling", cell: spec.identity, ...hot }))
  yield* atRest(open, began, placedGpus(spec))
  const telemetry = yield* sampleTelemetry(folder, opening, open)
  const clock = yield* Clock.Clock
  const start = clock.monotonicTimeNanosUnsafe()
  const session = yield* backend
    .open({
      config: options,
      runtime: spec.runtime,
      files,
      model: forBackend(spec.model),
      task: spec.task,
      placement: spec.placement,
      host: spec.host,
      visible: restrictedTo(spec.placement.devices, spec.host),
      ...(cell.reference === undefined ? {} : { reference: cell.reference }),
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
  yield* emit({ kind: "opened", cell: spec.identity, loadMs })
  const total = bounds(protocol.warmup).max + bounds(protocol.trials).max
  let done = whole.length
  const make = Effect.fnUntraced(function* (phase: Sample["phase"], trial: number) {
    // A server started by others may still have the texts of an earlier run, or of an interrupted trial, in its cache.
    const before = isBatch(spec.scenario) || isMultiTurn(spec.scenario) ? `${basename(folder)} ${opening} ` : ""
    const work = trialWork(spec.scenario, prompts, `${before}${phase}-${trial}`)
    const { error, sample } = yield* telemetry.during(
      { phase, trial },
      runTrial({ backend: backend.id, session, ...work, protocol, opening, loadMs, phase, trial }),
    )
    yield* appendJournal(folder, { kind: "sample", sample })
    if (error !== undefined) return yield* error
    yield* emit({ kind: "trial", cell: spec.identity, phase, trial, done: ++done, total })
    return sample
  })
  const warmups: Array<Sample> = []
  while (!warmEnough(protocol, warmups)) warmups.push(yield* make("warmup", warmups.length))
  // With a warm engine and before anything is measured: these requests are in no figure.
  if (!answered && !isQuality(spec.scenario)) yield* keepAnswers(cell, session, progressing)
  const trials = [...whole]
  while (trials.length < until && !measuredEnough(protocol, trials)) trials.push(yield* make("measured", trials.length))
  if (session.identify !== undefined)
    yield* appendShared(folder, localNames(workspace.root), {
      kind: "closed",
      at: yield* now,
      identity: yield* identityOf(session.identify),
    })
})

const keepAnswers = Effect.fnUntraced(function* <R>(cell: Cell<R>, session: Session, { emit, folder }: Progressing) {
  const { identity, protocol, scenario } = cell.spec
  const requests = answerRequests(scenario, cell.prompts)
  yield* emit({ kind: "asking", cell: identity, requests: requests.length })
  const answers = yield* askForAnswers(session, requests, protocol.requestTimeoutMs)
  yield* appendJournal(folder, { kind: "answers", answers })
})
