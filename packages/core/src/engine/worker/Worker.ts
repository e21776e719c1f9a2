import { Deferred, Effect, Fiber, Option, Schema, Stream, type Scope } from "effect"
import type { ChildProcessSpawner } from "effect/process"
import { type BackendError, backendError, Refused, TimedOut } from "../../runtime/BackendError.ts"
import { type RequestFailed, requestFailed } from "../../runtime/RequestFailed.ts"
import { type EngineProcess, engineProcess, type EngineProcessSpec } from "../process/EngineProcess.ts"
import { Reply } from "./Protocol.ts"
import type { WorkerReasons } from "./Reasons.ts"

/** A request to a worker: an operation by its name, with its fields. */
interface Operation {
  readonly op: string
}

/** The results of a worker's operations, by name. */
type Results<R extends Operation> = { readonly [Op in R["op"]]: Schema.Codec<unknown, unknown> }

/** An engine in a process of its own that answers lines of JSON: how it is started, and what its failures mean. */
export interface WorkerSpec<R extends Operation, S extends Results<R>> extends Omit<EngineProcessSpec, "channel"> {
  /** The backend's id. */
  readonly backend: string
  readonly results: S
  readonly reasons: WorkerReasons<R["op"]>
}

/** A running worker. */
export interface Worker<R extends Operation, S extends Results<R>> {
  /** Root of the worker's process tree. */
  readonly pid: number
  /**
   * Sends a request and waits for the answer; `onSent` is called when the request has been written. Fails with
   * `RequestFailed` if vectors can't be used, else with `BackendError`; at once when the worker ends, and from then on.
   * Interruption makes the worker abandon the request.
   */
  readonly ask: <const Q extends R>(
    request: Q,
    onSent?: () => void,
  ) => Effect.Effect<S[Q["op"]]["Type"], BackendError | RequestFailed>
  /** The same for the request that loads the model, within `timeoutMs` milliseconds. Fails with `BackendError`. */
  readonly load: <const Q extends R>(request: Q, timeoutMs: number) => Effect.Effect<S[Q["op"]]["Type"], BackendError>
}

const decodeReply = Schema.decodeUnknownOption(Reply)

/**
 * Starts a worker that lives as long as the scope. Requests are lines `{"id", "op", …}` on its file descriptor 4, answers
 * `{"id", "result"}` or `{"id", "error"}` on 5; `{"id", "op": "cancel"}` abandons a request. Fails with `BackendError` if
 * the program can't be started.
 */
export const startWorker: <R extends Operation, const S extends Results<R>>(
  spec: WorkerSpec<R, S>,
) => Effect.Effect<Worker<R, S>, BackendError, ChildProcessSpawner.ChildProcessSpawner | Scope.Scope> = Effect.fn(
  "Worker.startWorker",
)(function* <R extends Operation, const S extends Results<R>>(spec: WorkerSpec<R, S>) {
  const { backend, reasons, results, ...process } = spec
  const fail = backendError(backend)
  const failed = requestFailed(backend)
  const engine = yield* engineProcess({ ...process, channel: true }).pipe(
    Effect.mapError((cause) => fail(reasons.ended(127, [cause.message]))),
  )
  const waiting = new Map<number, Deferred.Deferred<Reply>>()
  yield* engine.receivedLines.pipe(
    Stream.map((line) => Option.getOrUndefined(decodeReply(line))),
    Stream.runForEach((reply) => {
      const requested = reply === undefined || reply.id === null ? undefined : waiting.get(reply.id)
      // An unexpected answer belongs to a cancelled request.
      return reply === undefined || requested === undefined ? Effect.void : Deferred.succeed(requested, reply)
    }),
    Effect.forkScoped,
  )
  const dead = yield* engine.exited.pipe(
    Effect.flatMap((exitCode) => ended(engine, exitCode)),
    Effect.forkScoped,
  )
  const ended = Effect.fnUntraced(function* (engine: EngineProcess, exitCode: number) {
    const log = engine.logTail()
    const shortage = yield* engine.memoryShortage(exitCode, reasons.children?.(log))
    return yield* fail(reasons.ended(exitCode, log, shortage), log)
  })

  let lastId = 0
  const ask = Effect.fnUntraced(function* <const Q extends R>(request: Q, onSent?: () => void) {
    const id = ++lastId
    const answered = yield* Deferred.make<Reply>()
    waiting.set(id, answered)
    yield* engine.sendLine(JSON.stringify({ id, ...request }))
    onSent?.()
    const reply = yield* Deferred.await(answered).pipe(
      Effect.raceFirst(Fiber.join(dead)),
      Effect.onInterrupt(() => engine.sendLine(JSON.stringify({ id, op: "cancel" }))),
      Effect.ensuring(Effect.sync(() => waiting.delete(id))),
    )
    const op: Q["op"] = request.op
    if ("error" in reply) {
      const reason = reasons.answered(op, reply.error)
      return yield* reply.error.kind === "bad-vectors"
        ? failed(reason, { kind: "malformed" }, engine.logTail())
        : fail(reason, engine.logTail())
    }
    return yield* Schema.decodeUnknownEffect(results[op] as Schema.Codec<S[Q["op"]]["Type"], unknown>)(
      reply.result,
    ).pipe(Effect.mapError((cause) => fail(notUnderstood(op, cause), engine.logTail())))
  })
  return {
    pid: engine.pid,
    ask,
    load: (request, timeoutMs) =>
      ask(request).pipe(
        Effect.catchTag("RequestFailed", (cause) => cause.asBackendError()),
        Effect.timeoutOrElse({ duration: timeoutMs, orElse: () => fail(notLoaded(timeoutMs)) }),
      ),
  } satisfies Worker<R, S>
})

const notLoaded = (afterMs: number): TimedOut =>
  new TimedOut({
    detail: `The model was not loaded after ${afterMs} ms.`,
    fix: "Raise protocol.openTimeoutMs, or read in the engine's log what it waits for.",
    afterMs,
  })

const notUnderstood = (op: string, cause: Schema.SchemaError): Refused =>
  new Refused({
    detail: `The worker's answer to ${op} does not follow the protocol: ${cause.message}.`,
    fix: "The worker and this package have different versions: install the package again.",
  })
