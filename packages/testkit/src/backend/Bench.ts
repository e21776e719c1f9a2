import {
  type AnyComplete,
  complete,
  type Backend,
  type BackendError,
  type Host,
  type ModelFacts,
  type OpenInput,
  placedDemand,
  Scenario,
  type Session,
  type StrategyInput,
  type Task,
} from "@rigbook/core"
import { captureHost, resolvePlacement, restrictedTo } from "@rigbook/runner"
import { Effect, Exit, Result, Schema, Scope } from "effect"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Nonconformity, type NotRun, notRun } from "../Conformance.ts"
import { portsOf } from "../Processes.ts"
import { type BackendSubject, LIMITS, type Limits } from "./BackendSubject.ts"

/** A loaded model, and the state before. */
export interface Opened {
  readonly session: Session
  readonly task: Task
  readonly input: OpenInput<unknown>
  /** Ports that were open before. */
  readonly portsBefore: ReadonlyArray<number>
  /** Close it once; the suite closes what is left. */
  readonly scope: Scope.Closeable
}

/** What the cases of one backend share: each is made when a case first needs it, and only once. */
export interface Bench<R> {
  readonly backend: AnyComplete<R>
  readonly subject: Effect.Effect<BackendSubject & { readonly limits: Limits }, Nonconformity, R | Scope.Scope>
  /** The subject's options, decoded. */
  readonly config: Effect.Effect<unknown, NotRun | Nonconformity, R | Scope.Scope>
  readonly decode: (options: unknown) => Effect.Effect<unknown, NotRun>
  /** A folder that is deleted with the suite. */
  readonly folder: Effect.Effect<string, never, Scope.Scope>
  readonly host: Effect.Effect<Host, NotRun | Nonconformity, R | Scope.Scope>
  /** The facts of the first model. */
  readonly model: Effect.Effect<ModelFacts, NotRun | Nonconformity, R | Scope.Scope>
  /** The first and the last task that there is a model for, in the backend's order. */
  readonly ends: Effect.Effect<{ readonly first: Task; readonly last: Task }, NotRun | Nonconformity, R | Scope.Scope>
  /** The input of `open` for a task; with other options than the subject's if given. */
  readonly inputOf: (
    task: Task,
    options?: unknown,
  ) => Effect.Effect<OpenInput<unknown>, NotRun | Nonconformity, R | Scope.Scope>
  readonly open: (input: OpenInput<unknown>, task: Task) => Effect.Effect<Opened, BackendError, R | Scope.Scope>
  /** The one opening for a task that its cases share; its failure is reported by one case only. */
  readonly shared: (task: Task) => Effect.Effect<Opened, BackendError | NotRun | Nonconformity, R | Scope.Scope>
}

/** Makes an effect that runs once, at its first use. */
export const once = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.runSync(Effect.cached(effect))

export const makeBench = <Config, E, R, R2>(
  author: Backend<Config, R>,
  given: Effect.Effect<BackendSubject, E, R2 | Scope.Scope>,
): Bench<R | R2> => {
  const backend: AnyComplete<R> = complete(author)
  const subject = once(
    given.pipe(
      Effect.map((made) => ({ ...made, limits: { ...LIMITS, ...made.limits } })),
      Effect.mapError(
        (error) => new Nonconformity({ sentence: `The subject of the suite could not be made: ${String(error)}` }),
      ),
    ),
  )
  const decode = (options: unknown) =>
    Schema.decodeUnknownEffect(backend.config)(options).pipe(
      Effect.catch(() => notRun("the subject's options can't be decoded")),
    )
  const config = once(Effect.flatMap(subject, ({ options }) => decode(options)))
  const host = once(
    Effect.gen(function* () {
      const here = (yield* subject).host ?? (yield* captureHost)
      return withBrought(here, backend, yield* config)
    }),
  )
  const runtime = once(
    Effect.flatMap(config, (decoded) => backend.probe(decoded)).pipe(unless("the program was not found")),
  )
  const read = once(
    Effect.gen(function* () {
      const { models } = yield* subject
      const engine = yield* runtime
      const found = new Map<Task, Pick<OpenInput<unknown>, "files" | "model">>()
      for (const task of backend.tasks) {
        const named = models[task]
        if (named === undefined) continue
        const files =
          backend.prepare === undefined ? named : yield* backend.prepare(named, engine).pipe(unless("prepare failed"))
        found.set(task, { files, model: yield* backend.inspect(files).pipe(unless("the model can't be inspected")) })
      }
      return found
    }),
  )
  const modelOf = (task: Task) =>
    Effect.flatMap(read, (found) => {
      const model = found.get(task)
      return model === undefined ? notRun(`give models.${task}: a model to ${task} with`) : Effect.succeed(model)
    })
  const folder = once(
    Effect.acquireRelease(
      Effect.sync(() => mkdtempSync(join(tmpdir(), "rigbook-testkit-"))),
      (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true, maxRetries: 5 })),
    ),
  )
  /** With the subject's own options: a fault should reach the engine, not be refused by the planner. */
  const placementOf = Effect.fnUntraced(function* (task: Task) {
    const { placement = "auto" } = yield* subject
    const input = planningInput(backend, yield* host, (yield* modelOf(task)).model, yield* config, task)
    const placed = resolvePlacement(placement, input, backend.strategies)
    return Result.isSuccess(placed) ? placed.success : yield* notRun(`the model can't be placed: ${placed.failure}`)
  })
  const inputOf = Effect.fnUntraced(function* (task: Task, options?: unknown) {
    const { limits } = yield* subject
    const usual = yield* runtime
    const decoded = options === undefined ? yield* config : yield* decode(options)
    const [here, placement] = [yield* host, yield* placementOf(task)]
    const given: OpenInput<unknown> = {
      ...(yield* modelOf(task)),
      config: decoded,
      // Other options may name another program; if there is none, open must report it.
      runtime: options === undefined ? usual : yield* Effect.orElseSucceed(backend.probe(decoded), () => usual),
      task,
      placement,
      host: here,
      visible: restrictedTo(placement.devices, here),
      logFile: join(yield* folder, "engine.log"),
      openTimeoutMs: limits.openMs,
    }
    return given
  })
  const open = Effect.fnUntraced(function* (input: OpenInput<unknown>, task: Task) {
    const scope = yield* Scope.make()
    yield* Effect.addFinalizer(() => Scope.close(scope, Exit.void))
    const portsBefore = portsOf([process.pid])
    const session = yield* backend.open(input).pipe(Scope.provide(scope))
    const opened: Opened = { session, task, input, scope, portsBefore }
    return opened
  })
  const openFor = (task: Task) => once(Effect.flatMap(inputOf(task), (input) => open(input, task)))
  const shared = { generate: openFor("generate"), embed: openFor("embed") }
  return {
    backend,
    subject,
    config,
    decode,
    folder,
    host,
    model: Effect.map(
      Effect.flatMap(read, (found) => {
        const [first] = found.values()
        return first === undefined
          ? notRun("give models: one for each task that the backend declares")
          : Effect.succeed(first)
      }),
      ({ model }) => model,
    ),
    ends: Effect.flatMap(subject, ({ models }) => {
      const tasks = backend.tasks.filter((task) => models[task] !== undefined)
      const [first, last] = [tasks[0], tasks.at(-1)]
      return first === undefined || last === undefined
        ? notRun("give models: one for each task that the backend declares")
        : Effect.succeed({ first, last })
    }),
    inputOf,
    open,
    shared: (task) => shared[task],
  }
}

/** The host with the devices that a backend's options add. */
const withBrought = <R>(host: Host, { devices }: AnyComplete<R>, config: unknown): Host =>
  host.with([...host.devices.slice(1), ...devices(config)])

/** What a separate case reports is no reason to fail others. */
const unless =
  (why: string) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, NotRun, R> =>
    Effect.catch(effect, () => notRun(`${why}: see its own case`))

export const scenarioOf = (task: Task): Scenario =>
  Schema.decodeUnknownSync(Scenario)(
    task === "generate"
      ? { kind: "latency", prompts: "conformance", requests: 1, outputTokens: 32 }
      : { kind: "batch", prompts: "conformance", documents: 8, batchSize: 2 },
  )

/** The input of a strategy. */
export const planningInput = <R>(
  backend: AnyComplete<R>,
  host: Host,
  model: ModelFacts,
  config: unknown,
  task: Task,
): StrategyInput<unknown> => {
  const scenario = scenarioOf(task)
  const demandOf = placedDemand(backend, { host, model, config, scenario })
  return { host, model, config, demand: backend.demand(model, config, scenario), demandOf }
}
