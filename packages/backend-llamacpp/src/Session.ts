import { type BackendError, NotInstalled, type OpenInput, type Session, TimedOut, Unsupported } from "@rigbook/core"
import {
  type EngineProcess,
  engineProcess,
  freePort,
  type HttpFailure,
  type MemoryCeiling,
  memoryCeilings,
  nvidiaDevices,
  type OpenAiClient,
  openAiClient,
  processFacts,
  serverIdentity,
  untilReady,
} from "@rigbook/core/engine"
import { Effect, Schedule, Schema, type FileSystem, type Scope } from "effect"
import type { ChildProcessSpawner } from "effect/process"
import { randomUUID } from "node:crypto"
import { serverArguments } from "./Arguments.ts"
import { gpusOf, nameDevices } from "./Devices.ts"
import { effectiveOf, Props } from "./Effective.ts"
import { failureOf } from "./Failure.ts"
import { httpReason } from "./HttpReason.ts"
import type { Options } from "./Options.ts"
import { environmentOf, fail } from "./Program.ts"
import { embed, generate } from "./Requests.ts"
import { findProgram } from "./Runtime.ts"
import { inferredShortage } from "./Shortage.ts"

/** Starts llama-server for one model; closing the scope aborts its requests, then ends it. */
export const open: (
  input: OpenInput<Options>,
) => Effect.Effect<
  Session,
  BackendError,
  ChildProcessSpawner.ChildProcessSpawner | FileSystem.FileSystem | Scope.Scope
> = Effect.fn("Session.open")(function* (input) {
  const { config, files, model, placement, task } = input
  const program = yield* findProgram(config)
  const devices = yield* nameDevices(program, placement, yield* nvidiaDevices)
  const port = config.port ?? (yield* freePort)
  const nonce = `rigbook-${randomUUID()}`
  const engine = yield* engineProcess({
    command: program.path,
    args: serverArguments({ options: config, task, file: files.path, model, placement, devices, port, nonce }),
    env: environmentOf(program, gpusOf(placement)),
    logFile: input.logFile,
  }).pipe(
    Effect.mapError((error) =>
      fail(
        new NotInstalled({
          detail: `${program.path} can't be started: ${error.message}.`,
          fix: "Check `binary` in backends.llamacpp, or leave it out and run `rigbook setup llamacpp`.",
        }),
      ),
    ),
  )
  // After the engine, so that it is closed before: a server that is told to end in the middle of an answer takes 30 s.
  const client = yield* openAiClient(port)
  const props = yield* ready(engine, client, nonce, input)
  yield* toldAll(engine)
  const explained = <A>(sending: Effect.Effect<A, BackendError | HttpFailure>) =>
    Effect.catchTag(sending, "HttpFailure", (failure) => explain(engine, failure))
  return {
    effective: effectiveOf(engine.log(), props, devices),
    pids: [engine.pid],
    send: (request, observer) => {
      if (request.task !== task) return wrongTask(request.task, task)
      return request.task === "generate"
        ? explained(generate(client, nonce, model, request, observer))
        : explained(embed(client, nonce, config.parallel, request, observer))
    },
    identify: serverIdentity(client, nonce, processFacts(engine)),
  }
})

const decodeProps = Schema.decodeUnknownEffect(Props)

/** Ready once it is healthy and answers to our nonce: on a port named in the config, a stranger might answer. */
const ready = (engine: EngineProcess, client: OpenAiClient, nonce: string, input: OpenInput<Options>) => {
  // While it lives, and often: nothing tells the limits of a process that has ended, and a script may set them for it alone.
  let ceilings: ReadonlyArray<MemoryCeiling> = memoryCeilings(engine.pid)
  const look = Effect.sync(() => {
    const found = memoryCeilings(engine.commandPid() ?? engine.pid)
    if (found.length > 0) ceilings = found
  }).pipe(Effect.repeat(Schedule.spaced("5 millis")))
  const { config: options, model, openTimeoutMs, placement, task } = input
  const inferred = (exitCode: number) =>
    inferredShortage({ exitCode, log: engine.log(), model, options, task, placement, ceilings })
  const proof = client.getJson("/health").pipe(
    Effect.andThen(client.getJson("/props")),
    Effect.flatMap(decodeProps),
    Effect.filterOrFail(
      ({ model_alias: alias }) => alias === nonce,
      () => "another server",
    ),
  )
  return untilReady(engine, openTimeoutMs, proof).pipe(
    Effect.raceFirst(Effect.andThen(look, Effect.never)),
    Effect.catch((early) =>
      early._tag === "EndedEarly"
        ? ended(engine, early.exitCode, inferred(early.exitCode))
        : fail(
            new TimedOut({
              detail: `llama-server was not ready after ${early.afterMs} ms.`,
              fix: "Raise protocol.openTimeoutMs, or see in the engine's log what it waits for.",
              afterMs: early.afterMs,
            }),
            engine.logTail(),
          ),
    ),
  )
}

/** The pipe of the log runs a little behind HTTP: what proves the placement has to have come through. */
const toldAll = (engine: EngineProcess): Effect.Effect<void> =>
  Effect.sync(() => /all slots are idle|listening on http/.test(engine.log())).pipe(
    Effect.repeat({ until: (told) => told, schedule: Schedule.spaced("10 millis") }),
    Effect.timeoutOption("2 seconds"),
    Effect.asVoid,
  )

/** A connection that breaks off mostly means that the engine has ended: then its end is the reason, not the socket's. */
const explain = (engine: EngineProcess, failure: HttpFailure): Effect.Effect<never, BackendError> =>
  failure.status === undefined
    ? engine.exited.pipe(
        Effect.timeoutOption("2 seconds"),
        Effect.flatMap((exit) =>
          exit._tag === "Some" ? ended(engine, exit.value) : fail(httpReason(failure), engine.logTail(), failure),
        ),
      )
    : Effect.fail(fail(httpReason(failure), engine.logTail(), failure))

/** Why it ended, by its log, by what the kernel says, and last by what can be `inferred`. */
const ended = (engine: EngineProcess, exitCode: number, inferred?: string): Effect.Effect<never, BackendError> =>
  Effect.flatMap(engine.memoryShortage(exitCode), (shortage) =>
    fail(failureOf(exitCode, engine.logLines(), shortage ?? inferred), engine.logTail()),
  )

const wrongTask = (asked: string, opened: string) =>
  fail(
    new Unsupported({
      detail: `The model was opened to ${opened}, and was asked to ${asked}.`,
      fix: "Give the config scenarios of its own task.",
    }),
  )
