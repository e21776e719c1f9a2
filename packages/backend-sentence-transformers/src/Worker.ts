import { type BackendError, backendError, Refused, type RequestFailed, requestFailed } from "@rigbook/core"
import { type EngineProcess, engineProcess, type EngineProcessSpec } from "@rigbook/core/engine"
import { Deferred, Effect, Fiber, Option, Schema, Stream, type Scope } from "effect"
import type { ChildProcessSpawner } from "effect/process"
import { deathReason, replicasIn, replyReason } from "./Failure.ts"
import { Reply, type Request, type Result, Results } from "./Protocol.ts"

const fail = backendError("sentence-transformers")
const failed = requestFailed("sentence-transformers")
const decodeReply = Schema.decodeUnknownOption(Reply)

/** A running `python/worker.py`. */
export interface Worker {
  /** Root of the worker's process tree. */
  readonly pid: number
  /**
   * Sends a request and waits for the answer; `onSent` is called when the request has been written. Fails at once when
   * the worker ends, and from then on. Interruption makes the worker abandon the request.
   */
  readonly ask: <const R extends Request>(
    request: R,
    onSent?: () => void,
  ) => Effect.Effect<Result<R["op"]>, BackendError | RequestFailed>
}

/** Starts a worker that lives as long as the scope. */
export const startWorker: (
  spec: Omit<EngineProcessSpec, "channel">,
) => Effect.Effect<Worker, BackendError, ChildProcessSpawner.ChildProcessSpawner | Scope.Scope> = Effect.fn(
  "Worker.startWorker",
)(function* (spec) {
  const engine = yield* engineProcess({ ...spec, channel: true }).pipe(
    Effect.mapError((cause) => fail(deathReason(127, [cause.message]))),
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
    Effect.flatMap((exitCode) => died(engine, exitCode)),
    Effect.forkScoped,
  )

  let lastId = 0
  const ask = Effect.fnUntraced(function* <const R extends Request>(request: R, onSent?: () => void) {
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
    if ("error" in reply) {
      const reason = replyReason(request.op, reply.error)
      return yield* reply.error.kind === "bad-vectors"
        ? failed(reason, { kind: "malformed" }, engine.logTail())
        : fail(reason, engine.logTail())
    }
    return yield* decodeResult<R["op"]>(request.op, reply.result).pipe(
      Effect.mapError((cause) => fail(notUnderstood(request.op, cause), engine.logTail())),
    )
  })
  return { pid: engine.pid, ask }
})

const died = Effect.fnUntraced(function* (engine: EngineProcess, exitCode: number) {
  const log = engine.logTail()
  const shortage = yield* engine.memoryShortage(exitCode, replicasIn(log))
  return yield* fail(deathReason(exitCode, log, shortage), log)
})

const decodeResult = <Op extends Request["op"]>(op: Op, result: unknown) =>
  Schema.decodeUnknownEffect(Results[op] as Schema.Codec<Result<Op>, unknown>)(result)

const notUnderstood = (op: string, cause: Schema.SchemaError): Refused =>
  new Refused({
    detail: `The worker's answer to ${op} does not follow the protocol: ${cause.message}.`,
    fix: "The worker and this package have different versions: install the package again.",
  })
