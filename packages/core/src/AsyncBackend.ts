import { Effect, type FileSystem, Schema, type Scope } from "effect"
import type { ChildProcessSpawner } from "effect/process"
import type { Backend, Machine, Memory, OpenInput, OptionIssue, ProbeOptions, Session } from "./Backend.ts"
import type { ModelFacts, ModelFiles } from "./model/Model.ts"
import type { ServedModel } from "./model/ServedModel.ts"
import { BackendError, backendError, Crashed, Reason } from "./runtime/BackendError.ts"
import type { EngineIdentity } from "./runtime/EngineIdentity.ts"
import { RequestFailed } from "./runtime/RequestFailed.ts"
import type { Runtime } from "./runtime/Runtime.ts"
import type { Completion, Observer, Request } from "./scenario/Request.ts"

/** What core's own functions for files and processes need, which every program gives to its backends. */
type Services = FileSystem.FileSystem | ChildProcessSpawner.ChildProcessSpawner

/** What each function is given beside its input. */
export interface AsyncTools<R = Services> {
  /** Aborted when the caller no longer waits, such as at a deadline: stop then. */
  readonly signal: AbortSignal
  /** One of core's effects as a promise: `await run(readGguf(path))`. Its error is thrown, and ends with the signal. */
  readonly run: <A, E>(effect: Effect.Effect<A, E, R>) => Promise<A>
}

/** As `Session`, in promises. */
export interface AsyncSession extends Pick<Session, "effective" | "pids"> {
  readonly send: (
    request: Request,
    observer: Observer,
    tools: AsyncTools<Services | Scope.Scope>,
  ) => Promise<Completion>
  readonly identify?: (tools: AsyncTools) => Promise<EngineIdentity>
  /** Unloads the model. What `run` opened, such as a process, ends by itself afterwards. */
  readonly close?: () => void | Promise<void>
}

/**
 * A backend in promises. Throw a reason, such as `new NotInstalled({ detail, fix })`, a `BackendError`, or from `send` a
 * `RequestFailed`; any other error is a crash.
 */
export interface AsyncBackend<Config> extends Omit<
  Backend<Config>,
  "probe" | "inspect" | "open" | "served" | "memory" | "files" | "machine"
> {
  /** `waitMs`: how long it may wait for a server that is still loading. */
  readonly probe: (config: Config, tools: AsyncTools & ProbeOptions) => Promise<Runtime>
  readonly inspect: (files: ModelFiles, tools: AsyncTools) => Promise<ModelFacts>
  readonly open: (input: OpenInput<Config>, tools: AsyncTools<Services | Scope.Scope>) => Promise<AsyncSession>
  readonly served?: (config: Config, tools: AsyncTools) => Promise<ServedModel>
  readonly memory?: Omit<Memory<Config>, "ask">
  readonly machine?: Omit<Machine<Config>, "check" | "setup"> & {
    readonly check?: (config: Config, tools: AsyncTools) => Promise<ReadonlyArray<OptionIssue>>
    readonly setup?: (tools: AsyncTools) => Promise<Runtime>
  }
}

/** A backend that is written with promises and `AbortSignal`s, as any other. */
export const asyncBackend = <Config>(backend: AsyncBackend<Config>): Backend<Config, Services> => {
  const { inspect, machine, open, probe, served, ...rest } = backend
  const thrown = (cause: unknown): BackendError | RequestFailed => {
    if (cause instanceof BackendError || cause instanceof RequestFailed) return cause
    const detail = cause instanceof Error ? cause.message : String(cause)
    const crashed = () =>
      new Crashed({ detail: detail || "An error without a message.", fix: "Read the engine's log." })
    return backendError(backend.id)(isReason(cause) ? cause : crashed())
  }
  /** Only `send` may throw what one request alone failed with. */
  const whole = (cause: unknown): BackendError => {
    const error = thrown(cause)
    return error instanceof BackendError ? error : backendError(backend.id)(error.reason, error.logTail)
  }
  const { check, setup, ...others } = machine ?? {}
  return {
    ...rest,
    probe: (config, options) =>
      Effect.mapError(
        called<Runtime, Services>((tools) => probe(config, { ...tools, ...options })),
        whole,
      ),
    inspect: (files) =>
      Effect.mapError(
        called<ModelFacts, Services>((tools) => inspect(files, tools)),
        whole,
      ),
    open: Effect.fnUntraced(function* (input) {
      const context = yield* Effect.context<Services | Scope.Scope>()
      const session = yield* opened((tools) => open(input, tools)).pipe(Effect.mapError(whole))
      return {
        effective: session.effective,
        pids: session.pids,
        send: (request, observer) =>
          called<Completion, Services | Scope.Scope>((tools) => session.send(request, observer, tools)).pipe(
            Effect.mapError(thrown),
            Effect.provideContext(context),
          ),
        ...(session.identify === undefined
          ? {}
          : {
              identify: Effect.provideContext(
                Effect.orDie(called<EngineIdentity, Services>((tools) => session.identify!(tools))),
                context,
              ),
            }),
      } satisfies Session
    }),
    ...(served === undefined
      ? {}
      : {
          served: (config: Config) =>
            Effect.mapError(
              called<ServedModel, Services>((tools) => served(config, tools)),
              whole,
            ),
        }),
    ...(machine === undefined
      ? {}
      : {
          machine: {
            ...others,
            ...(check === undefined
              ? {}
              : {
                  check: (config: Config) =>
                    Effect.orDie(called<ReadonlyArray<OptionIssue>, Services>((tools) => check(config, tools))),
                }),
            ...(setup === undefined ? {} : { setup: Effect.mapError(called<Runtime, Services>(setup), whole) }),
          },
        }),
  }
}

const isReason = Schema.is(Reason)

const called = <A, R>(call: (tools: AsyncTools<R>) => Promise<A>): Effect.Effect<A, unknown, R> =>
  Effect.flatMap(Effect.context<R>(), (context) =>
    Effect.tryPromise({
      try: (signal) => call({ signal, run: (effect) => Effect.runPromiseWith(context)(effect, { signal }) }),
      catch: (cause) => cause,
    }),
  )

/** Opens a session, and closes it with the scope: also one that is ready only after the caller has ceased to wait. */
const opened = (open: (tools: AsyncTools<Services | Scope.Scope>) => Promise<AsyncSession>) =>
  Effect.uninterruptibleMask((restore) =>
    restore(
      called<AsyncSession, Services | Scope.Scope>((tools) => {
        const opening = open(tools)
        // By then nobody waits for the session, nor for how it fails to open or to close.
        tools.signal.addEventListener("abort", () => void opening.then((session) => session.close?.()).catch(() => {}))
        return opening
      }),
    ).pipe(Effect.tap((session) => Effect.addFinalizer(() => Effect.promise(async () => session.close?.())))),
  )
