import {
  type Backend,
  type BackendError,
  backendError,
  BadModel,
  isBatch,
  type Completion,
  cpu,
  Crashed,
  Demand,
  DeviceId,
  Effective,
  ModelFacts,
  type Observer,
  Reason,
  Refused,
  type Request,
  type RequestFailed,
  requestFailed,
  Runtime,
  type Session,
  single,
  type Task,
  Unsupported,
} from "@rigbook/core"
import { Effect, Schedule, Schema } from "effect"

const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))
const or = <A>(value: A) => Effect.succeed(value)

/** How the fake behaves: everything is configured, and the same every time. */
export const FakeOptions = Schema.Struct({
  /** Milliseconds until the first token, and from each to the next. */
  firstMs: Count.pipe(Schema.withDecodingDefaultKey(or(1))),
  tokenMs: Count.pipe(Schema.withDecodingDefaultKey(or(1))),
  /** Tokens of one chunk. */
  perChunk: Schema.Int.pipe(Schema.withDecodingDefaultKey(or(1))),
  /** Maximum number of tokens generated, whatever was requested. */
  atMost: Schema.optionalKey(Count),
  cachedTokens: Schema.optionalKey(Count),
  loadMs: Count.pipe(Schema.withDecodingDefaultKey(or(0))),
  /** Not installed, refused option and so on: why `open`, `probe` or `inspect` fails. */
  openFails: Schema.optionalKey(Reason),
  probeFails: Schema.optionalKey(Reason),
  inspectFails: Schema.optionalKey(Reason),
  /** What `check` finds wrong with this machine. */
  unfit: Schema.optionalKey(Schema.String),
  /** Number of the request, from 0 and warm-ups included, at which the engine crashes or becomes silent. */
  crashAt: Schema.optionalKey(Count),
  /** Counted as `crashAt`. */
  hangAt: Schema.optionalKey(Count),
  /** Every n-th request is refused: the server is overloaded. */
  refuseEach: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThan(0))),
  /** What the engine reports as effective, if it differs from what was requested. */
  effectiveDevices: Schema.optionalKey(Schema.Array(Schema.String)),
  /** Tokens. */
  context: Schema.optionalKey(Schema.Int),
  /** Effective tokens, if they differ from those requested. */
  effectiveContext: Schema.optionalKey(Schema.Int),
  demandBytes: Count.pipe(Schema.withDecodingDefaultKey(or(2 ** 20))),
  /** More demand for each document of a batch scenario. */
  bytesPerDocument: Count.pipe(Schema.withDecodingDefaultKey(or(0))),
})
export type FakeOptions = typeof FakeOptions.Type

/** The options of a fake backend, in the form of a config. */
export const fakeOptions = Schema.decodeUnknownSync(FakeOptions)

/** What the fakes of a test have done. */
export interface FakeLog {
  /** How often a model was loaded. */
  opened: number
  /** How often it was unloaded. */
  closed: number
  requests: number
  /** Set by a test while the engine runs: it no longer answers, or has ended. */
  fault?: "hangs" | "crashed"
}
/** A log in which nothing has happened. */
export const fakeLog = (): FakeLog => ({ opened: 0, closed: 0, requests: 0 })

const MODEL = {
  format: "gguf",
  architecture: "fake",
  parameters: 1000,
  quantization: "F32",
  bitsPerWeight: 32,
  weightBytes: 4000,
  fileBytes: 4096,
  chatTemplate: true,
  sha256: "a".repeat(64),
} as const

/** A small GGUF model, with `change` applied to its facts. */
export const fakeModel = (change: Partial<ModelFacts> = {}): ModelFacts => new ModelFacts({ ...MODEL, ...change })

const RUNTIME = {
  program: "fake-engine",
  version: "1.0",
  origin: "path",
  path: "/opt/fake-engine",
  libraries: { tensors: "2.0" },
} as const

/** The program that the fake backend finds, with `change` applied to it. */
export const fakeRuntime = (change: Partial<Runtime> = {}): Runtime => new Runtime({ ...RUNTIME, ...change })

const fail = backendError("fake")
const orFail = <A>(reason: Reason | undefined, value: A): Effect.Effect<A, BackendError> =>
  reason === undefined ? Effect.succeed(value) : Effect.fail(fail(reason, ["fake engine: last line"]))

/** A backend without an engine: deterministic under a test clock, and it fails where `FakeOptions` say so. */
export const fakeBackend = (log: FakeLog = fakeLog()): Backend<FakeOptions> => ({
  id: "fake",
  description: "nothing at all",
  tasks: ["generate", "embed"],
  config: FakeOptions as Schema.Codec<FakeOptions, unknown>,
  probe: (options) => orFail(options.probeFails, fakeRuntime()),
  inspect: ({ path }) =>
    path.endsWith(".broken") || path.endsWith("no-model.gguf")
      ? Effect.fail(fail(new BadModel({ detail: "The file is incomplete.", fix: "Download it again." })))
      : Effect.succeed(fakeModel()),
  memory: {
    demand: ({ weightBytes }, { bytesPerDocument, demandBytes }, scenario) => {
      const documents = isBatch(scenario) ? scenario.documents : 0
      const bytes = demandBytes + (weightBytes - MODEL.weightBytes) + bytesPerDocument * documents
      return new Demand({ parts: [{ name: "all", bytes, basis: "exact", formula: "as the options say" }] })
    },
  },
  placement: {
    strategies: [single, cpu],
    requested: ({ context }): Effective["settings"] => (context === undefined ? {} : { context }),
  },
  machine: {
    check: ({ unfit }) => Effect.succeed(unfit === undefined ? [] : [{ path: ["unfit"], message: unfit }]),
    setup: Effect.succeed(fakeRuntime()),
  },
  open: ({ config, placement, task }) =>
    Effect.gen(function* () {
      yield* Effect.sleep(config.loadMs)
      yield* orFail(config.openFails, undefined)
      yield* Effect.acquireRelease(
        Effect.sync(() => void log.opened++),
        () => Effect.sync(() => void log.closed++),
      )
      const devices = config.effectiveDevices?.map((id) => DeviceId.make(id)) ?? placement.devices
      return fakeSession(config, log, devices, task)
    }),
})

/** The fake's session alone, for what takes a session. It does any task, unless it is opened for one. */
export const fakeSession = (
  options: FakeOptions,
  log: FakeLog,
  devices: ReadonlyArray<DeviceId> = [],
  task?: Task,
): Session => {
  const { context, effectiveContext = context } = options
  const settings = effectiveContext === undefined ? {} : { context: effectiveContext }
  return {
    effective: new Effective({ devices, settings, buffers: [] }),
    pids: [],
    send: (request, observer) =>
      Effect.suspend((): Effect.Effect<Completion, BackendError | RequestFailed> => {
        const number = log.requests++
        observer.sent()
        if (task !== undefined && request.task !== task)
          return Effect.fail(fail(new Unsupported({ detail: `Opened to ${task}.`, fix: "Use that task." })))
        if (number === options.hangAt) return Effect.never
        if ((number + 1) % (options.refuseEach ?? Infinity) === 0) return refused
        if (number === options.crashAt) return crashed
        return answer(options, log, request, observer)
      }),
  }
}

const crashed = Effect.fail(fail(new Crashed({ detail: "The engine ended.", fix: "Read its log.", exitCode: 139 })))

const refused = Effect.fail(
  requestFailed("fake")(new Refused({ detail: "Overloaded.", fix: "Retry later.", status: 429 }), {
    kind: "refused",
    status: 429,
    retryAfterS: 2,
  }),
)

/** Time that the engine takes for a step, if it still runs. */
const step = (log: FakeLog, ms: number): Effect.Effect<void, BackendError> =>
  Effect.sleep(ms).pipe(
    Effect.andThen(Effect.sync(() => log.fault)),
    Effect.repeat({ while: (fault) => fault === "hangs", schedule: Schedule.spaced("10 millis") }),
    Effect.andThen(Effect.suspend(() => (log.fault === "crashed" ? crashed : Effect.void))),
  )

const answer = Effect.fnUntraced(function* (options: FakeOptions, log: FakeLog, request: Request, observer: Observer) {
  yield* step(log, options.firstMs)
  if (request.task === "embed") {
    const count = request.texts.length
    const base64 = Buffer.from(Float32Array.from({ length: 8 * count }, (_, index) => index + 1).buffer).toString(
      "base64",
    )
    return {
      inputTokens: 10 * count,
      vectors: { count, dimensions: 8, ...(request.returnVectors === true ? { base64 } : {}) },
      timings: { callMs: options.firstMs },
    }
  }
  const total = Math.min(request.outputTokens, options.atMost ?? Infinity)
  for (let done = 0; done < total; done += options.perChunk) {
    if (done > 0) yield* step(log, options.tokenMs)
    observer.chunk(Math.min(options.perChunk, total - done))
  }
  const completion: Completion = {
    inputTokens: 100,
    outputTokens: total,
    ...(options.cachedTokens === undefined ? {} : { cachedTokens: options.cachedTokens }),
    finish: total < request.outputTokens ? "stop" : "length",
    text: "x".repeat(total),
  }
  return completion
})
