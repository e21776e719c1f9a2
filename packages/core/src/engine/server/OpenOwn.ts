import { Effect, Exit, Schedule, Scope } from "effect"
import { randomUUID } from "node:crypto"
import type { OpenInput, Session } from "../../Backend.ts"
import { type BackendError, backendError, Refused } from "../../runtime/BackendError.ts"
import { type RequestFailed, requestFailed } from "../../runtime/RequestFailed.ts"
import { type EngineProcess, engineProcess } from "../process/EngineProcess.ts"
import { freePort, isPortFree } from "../process/FreePort.ts"
import type { HttpFailure } from "../process/HttpFailure.ts"
import { type MemoryCeiling, memoryCeilings } from "../process/MemoryCeilings.ts"
import { openAiClient } from "../process/OpenAiClient.ts"
import { untilReady } from "../process/Readiness.ts"
import { type PartEnd, partReason, startParts } from "./Parts.ts"
import { processFacts } from "./ProcessFacts.ts"
import type { OwnServer, ServerServices } from "./ServerEngine.ts"
import { serverIdentity } from "./ServerIdentity.ts"
import { notStarted, reasonsOf } from "./ServerReasons.ts"
import { sendTo } from "./ServerSession.ts"

/** How Python, Node and llama.cpp say that another program listens on a port. */
const PORT_TAKEN = /address already in use|couldn't bind HTTP server socket/i

/** How we say it, where the engine did not. */
const IN_USE = "is in use by another program."

/** So often another port is tried: each was free when it was chosen. */
const OTHER_PORTS = 2

/**
 * Starts a server for one model; closing the scope aborts its requests, then ends it. Between the choice of a free port
 * and the moment when a server listens, which takes vLLM many seconds, another program may take it: then the server is
 * started again on another port, unless the config names one.
 */
export const openOwn = <Config, Context, Proof, R>(
  id: string,
  server: OwnServer<Config, Context, Proof, R>,
  input: OpenInput<Config>,
): Effect.Effect<Session, BackendError, R | ServerServices | Scope.Scope> => {
  const named = server.port?.(input.config)
  if (named !== undefined) return openAt(named, id, server, input)
  return freePort.pipe(
    Effect.flatMap((port) => closedOnFailure(openAt(port, id, server, input))),
    Effect.retry({
      times: OTHER_PORTS,
      while: ({ logTail, reason }) => logTail.some((line) => PORT_TAKEN.test(line)) || reason.detail.endsWith(IN_USE),
    }),
  )
}

/** What a failed start leaves is closed before the next one, not with the cell. */
const closedOnFailure = <A, E, R>(opening: Effect.Effect<A, E, R | Scope.Scope>) =>
  Effect.gen(function* () {
    const scope = yield* Scope.fork(yield* Effect.scope)
    return yield* Scope.provide(opening, scope).pipe(
      Effect.onExit((exit) => (Exit.isFailure(exit) ? Scope.close(scope, exit) : Effect.void)),
    )
  })

const openAt = Effect.fn("OpenOwn.openAt")(function* <Config, Context, Proof, R>(
  port: number,
  id: string,
  server: OwnServer<Config, Context, Proof, R>,
  input: OpenInput<Config>,
): Effect.fn.Return<Session, BackendError, R | ServerServices | Scope.Scope> {
  const [fail, failed] = [backendError(id), requestFailed(id)]
  const reasons = reasonsOf(server.name, server.reasons)
  const nonce = `rigbook-${randomUUID()}`
  const { context, parts = [], ...command } = yield* server.command({ ...input, port, nonce })
  const others = yield* startParts(parts, input.logFile).pipe(
    Effect.mapError(({ message }) => fail(notStarted(parts[0]?.command ?? "", message))),
  )
  const engine = yield* engineProcess({ ...command, logFile: input.logFile }).pipe(
    Effect.mapError(({ message }) => fail(notStarted(command.command, message, reasons.missing))),
  )
  const endedFirst = yield* others.first(engine)
  // After the engine, so that it is closed first: a server that ends in the middle of an answer takes long.
  const client = yield* openAiClient(port, { keepAlive: server.keepAlive ?? false })

  /** Both logs are of use: a part also ends when the server has failed. */
  const partFailed = (part: PartEnd) =>
    fail(partReason(server.name, part), [`On ${part.node}:`, ...part.logTail, "Here:", ...engine.logTail()])
  const partEnds: Effect.Effect<never, BackendError> = Effect.flatMap(others.ended, partFailed)
  /** Why it ended: from its log, from what the kernel reports, and last from what can be `inferred`. */
  const ended = Effect.fnUntraced(function* (exitCode: number, inferred?: string) {
    const part = endedFirst()
    if (part !== undefined) return yield* partFailed(part)
    const log = engine.logLines()
    const first = reasons.first?.(exitCode, log) ?? { exitCode, pids: [] }
    const shortage = (yield* engine.memoryShortage(first.exitCode, first.pids)) ?? inferred
    return yield* fail(reasons.ended({ exitCode, log, shortage }), engine.logTail())
  })
  /** It may be waiting for one of its processes that the kernel killed. */
  const unready = Effect.fnUntraced(function* (afterMs: number) {
    const pids = reasons.first?.(0, engine.logLines()).pids
    const shortage = pids === undefined ? undefined : yield* engine.memoryShortage(0, pids)
    return yield* fail(reasons.unready(afterMs, shortage), engine.logTail())
  })
  /** An engine that has ended, or is about to, is the reason for a request that failed; not the socket. */
  const explain = (failure: HttpFailure): Effect.Effect<never, BackendError | RequestFailed> => {
    const refused = Effect.suspend(() => failed(reasons.refused(failure, input.config), failure, engine.logTail()))
    const seconds = reasons.dying(failure)
    if (seconds === undefined) return refused
    return Effect.gen(function* () {
      const exit = yield* Effect.timeoutOption(engine.exited, `${seconds} seconds`)
      return yield* exit._tag === "Some" ? ended(exit.value) : refused
    })
  }
  const explained = <A>(sending: Effect.Effect<A, HttpFailure>) => {
    const answered = Effect.catch(sending, explain)
    // A server that waits for a part that has ended may wait for ever.
    return parts.length === 0 ? answered : Effect.raceFirst(answered, partEnds)
  }

  const watched = watchCeilings(engine)
  const inferred = (exitCode: number): string | undefined =>
    reasons.inferred?.({ exitCode, log: engine.log(), input, ceilings: watched.ceilings() })
  /** It may end before its last line is out: then the port shows it, which is free again if it was its own. */
  const endedEarly = (exitCode: number) =>
    Effect.catch(ended(exitCode, inferred(exitCode)), (error) =>
      Effect.flatMap(isPortFree(port), (free) =>
        free || error.reason._tag !== "Crashed"
          ? Effect.fail(error)
          : fail(
              new Refused({ detail: `Port ${port} ${IN_USE}`, fix: "End that program, or name no port." }),
              engine.logTail(),
            ),
      ),
    )
  const proof = yield* untilReady(engine, input.openTimeoutMs, server.prove(client, nonce)).pipe(
    reasons.inferred === undefined ? (ready) => ready : Effect.raceFirst(watched.watch),
    Effect.catch((early) => (early._tag === "EndedEarly" ? endedEarly(early.exitCode) : unready(early.afterMs))),
    (ready) => (parts.length === 0 ? ready : Effect.raceFirst(ready, partEnds)),
  )
  if (server.logged !== undefined) yield* untilLogged(engine, server.logged)
  const effective = yield* explained(server.effective({ proof, context, log: engine.log(), client, input })).pipe(
    Effect.catchTag("RequestFailed", (early) => early.asBackendError()),
  )
  const drafts = server.drafts?.(client, input.config)
  return {
    effective,
    ...(drafts === undefined ? {} : { drafts: explained(drafts) }),
    pids: [engine.pid],
    send: sendTo({ id, server, input, client, model: nonce, refusesLonger: server.refusesLonger, explained }),
    identify: serverIdentity(client, nonce, processFacts(engine)),
  }
})

/** The pipe of the log runs a little behind HTTP: what proves the placement must have arrived. */
const untilLogged = (engine: EngineProcess, what: RegExp): Effect.Effect<void> =>
  Effect.sync(() => what.test(engine.log())).pipe(
    Effect.repeat({ until: (logged) => logged, schedule: Schedule.spaced("10 millis") }),
    Effect.timeoutOption("2 seconds"),
    Effect.asVoid,
  )

/** Often, while it lives: the limits of an ended process can't be read, and a script may set them only for it. */
const watchCeilings = (engine: EngineProcess) => {
  let ceilings: ReadonlyArray<MemoryCeiling> = memoryCeilings(engine.pid)
  const look = Effect.sync(() => {
    const found = memoryCeilings(engine.commandPid() ?? engine.pid)
    if (found.length > 0) ceilings = found
  })
  return {
    ceilings: () => ceilings,
    watch: look.pipe(Effect.repeat(Schedule.spaced("5 millis")), Effect.andThen(Effect.never)),
  }
}
