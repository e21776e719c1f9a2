import {
  type BackendError,
  CPU,
  NotInstalled,
  type OpenInput,
  report,
  type Session,
  TimedOut,
  Unsupported,
} from "@rigbook/core"
import {
  type EngineProcess,
  engineProcess,
  freePort,
  type HttpFailure,
  type OpenAiClient,
  openAiClient,
  processFacts,
  serverIdentity,
  untilReady,
} from "@rigbook/core/engine"
import { Effect, Schema, type FileSystem, type Scope } from "effect"
import type { ChildProcessSpawner } from "effect/process"
import { randomUUID } from "node:crypto"
import { readFileSync } from "node:fs"
import { availableParallelism } from "node:os"
import { nodeArguments, serverArguments, type ServerInput } from "./Arguments.ts"
import { effectiveOf } from "./Effective.ts"
import { coresIn, serverEnvironment } from "./Environment.ts"
import { failureOf, firstExitCode, pidsIn, shortOfMemory } from "./Failure.ts"
import { httpReason, isDying } from "./HttpReason.ts"
import { nodesOf } from "./Nodes.ts"
import type { Options } from "./Options.ts"
import { fail, SETUP } from "./Program.ts"
import { embed, generate } from "./Requests.ts"

/** Starts vLLM's server for one model; closing the scope aborts its requests, then ends it with all its workers. */
export const open: (
  input: OpenInput<Options>,
) => Effect.Effect<
  Session,
  BackendError,
  ChildProcessSpawner.ChildProcessSpawner | FileSystem.FileSystem | Scope.Scope
> = Effect.fn("Session.open")(function* (input) {
  const { config, files, model, placement, runtime, task } = input
  if (placement.devices[0] !== CPU && runtime.version.endsWith("+cpu"))
    return yield* fail(
      new Unsupported({
        detail: `vLLM ${runtime.version} is built for the processor, the placement names a GPU.`,
        fix: "Place the model on cpu, or name a vLLM built for CUDA as `vllm`.",
      }),
    )
  const port = config.port ?? (yield* freePort)
  const nonce = `rigbook-${randomUUID()}`
  const server: ServerInput = { options: config, task, folder: files.path, model, placement, port, nonce }
  yield* Effect.forEach(nodeArguments(server), (words, index) =>
    report({
      step: `vLLM on ${nodesOf(config, placement)[index]!.address}`,
      detail: `waits for: vllm ${words.join(" ")}`,
    }),
  )
  const engine = yield* engineProcess({
    command: runtime.path,
    args: serverArguments(server),
    env: serverEnvironment(config, placement, yield* allowedCores),
    logFile: input.logFile,
  }).pipe(
    Effect.mapError((error) =>
      fail(new NotInstalled({ detail: `${runtime.path} can't be started: ${error.message}.`, fix: SETUP })),
    ),
  )
  // After the engine, so that it is closed before: a server in the middle of an answer takes its time to end.
  const client = yield* openAiClient(port, { keepAlive: true })
  const maxModelLen = yield* ready(engine, client, nonce, input.openTimeoutMs)
  const explained = <A>(sending: Effect.Effect<A, BackendError | HttpFailure>) =>
    Effect.catchTag(sending, "HttpFailure", (failure) => explain(engine, failure))
  const { version } = yield* explained(client.getJson("/version")).pipe(
    Effect.flatMap(decodeVersion),
    Effect.orElseSucceed(() => runtime),
  )
  const metrics = yield* explained(client.getText("/metrics"))
  return {
    effective: effectiveOf({ log: engine.log(), maxModelLen, version, metrics }, placement),
    pids: [engine.pid],
    send: (request, observer) => {
      if (request.task !== task) return wrongTask(request.task, task)
      return request.task === "generate"
        ? explained(generate(client, nonce, model, request, observer))
        : explained(embed(client, nonce, config.maxSequences, request, observer))
    },
    identify: serverIdentity(client, nonce, processFacts(engine)),
  }
})

/** Cores that this process may use, as many as its share of the processor allows. */
const allowedCores: Effect.Effect<ReadonlyArray<number>> = Effect.sync(() => {
  try {
    const list = /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? ""
    return coresIn(list).slice(0, availableParallelism())
  } catch {
    return Array.from({ length: availableParallelism() }, (_, core) => core)
  }
})

const decodeVersion = Schema.decodeUnknownEffect(Schema.Struct({ version: Schema.String }))
const decodeModels = Schema.decodeUnknownEffect(
  Schema.Struct({ data: Schema.Array(Schema.Struct({ id: Schema.String, max_model_len: Schema.Int })) }),
)

/** Ready once it is healthy and names our nonce: on a port named in the config, a stranger might answer. */
const ready = (engine: EngineProcess, client: OpenAiClient, nonce: string, timeoutMs: number) => {
  const proof = client.getText("/health").pipe(
    Effect.andThen(client.getJson("/v1/models")),
    Effect.flatMap(decodeModels),
    Effect.flatMap(({ data }) => Effect.fromNullishOr(data.find(({ id }) => id === nonce))),
    Effect.map(({ max_model_len: length }) => length),
  )
  return untilReady(engine, timeoutMs, proof).pipe(
    Effect.catch((early) =>
      early._tag === "EndedEarly" ? ended(engine, early.exitCode) : notReady(engine, early.afterMs),
    ),
  )
}

/** A server may wait for ever for a process that the kernel has ended. */
const notReady = Effect.fnUntraced(function* (engine: EngineProcess, afterMs: number) {
  const log = engine.logLines()
  const shortage = yield* engine.memoryShortage(0, pidsIn(log))
  const reason =
    shortage === undefined
      ? new TimedOut({
          detail: `vLLM was not ready after ${afterMs} ms.`,
          fix: "Raise protocol.openTimeoutMs, set enforceEager, or see in the engine's log what it waits for.",
          afterMs,
        })
      : shortOfMemory(` was not ready after ${afterMs} ms`, shortage)
  return yield* fail(reason, engine.logTail())
})

/** A server whose engine has died answers with errors for some seconds: then its end is the reason, not they. */
const explain = (engine: EngineProcess, failure: HttpFailure): Effect.Effect<never, BackendError> =>
  isDying(failure)
    ? engine.exited.pipe(
        Effect.timeoutOption("15 seconds"),
        Effect.flatMap((exit) =>
          exit._tag === "Some" ? ended(engine, exit.value) : fail(httpReason(failure), engine.logTail(), failure),
        ),
      )
    : Effect.fail(fail(httpReason(failure), engine.logTail(), failure))

const ended = Effect.fnUntraced(function* (engine: EngineProcess, exitCode: number) {
  const log = engine.logLines()
  const shortage = yield* engine.memoryShortage(firstExitCode(exitCode, log), pidsIn(log))
  return yield* fail(failureOf(exitCode, log, shortage), engine.logTail())
})

const wrongTask = (asked: string, opened: string) =>
  fail(
    new Unsupported({
      detail: `The model was opened to ${opened}, and was asked to ${asked}.`,
      fix: "Give the config scenarios of its own task.",
    }),
  )
