import {
  type BackendError,
  BadModel,
  CPU,
  Crashed,
  type DivergeRequest,
  type OpenInput,
  type ReferenceModel,
  type Session,
  TimedOut,
  Unsupported,
} from "@rigbook/core"
import { type EngineProcess, engineProcess, findPython } from "@rigbook/core/engine"
import { Deferred, Effect, Fiber, Schema, Stream } from "effect"
import { ChunkReply, Hello, MARK } from "./DivergenceProtocol.ts"
import { effectiveFrom } from "./Effective.ts"
import { failureOf } from "./Failure.ts"
import type { Options } from "./Options.ts"
import { environmentOf, fail } from "./Program.ts"
import { pythonFile } from "./PythonFiles.ts"
import { findLibrary } from "./Quantize.ts"

const UBATCH = 512

const decodeHello = Schema.decodeUnknownEffect(Hello)
const decodeChunk = Schema.decodeUnknownEffect(ChunkReply)

/**
 * Loads a model and its reference into one process, with the libllama of the llama-server in use, to compare their
 * predictions over the whole vocabulary.
 */
export const openDivergence = Effect.fn("Divergence.openDivergence")(function* (
  input: OpenInput<Options>,
  reference: ReferenceModel,
) {
  const { config, files, logFile, openTimeoutMs, placement, runtime } = input
  if (placement.devices.some((device) => device !== CPU))
    return yield* fail(
      new Unsupported({
        detail: "Divergence from a reference is computed on the processor.",
        fix: "Give the scenario a config of its own with `placement: cpu`.",
      }),
    )
  const library = yield* findLibrary(runtime).pipe(
    Effect.catchTag("PlatformError", ({ message }) =>
      fail(
        new Unsupported({
          detail: `The library of ${runtime.path} can't be found: ${message}.`,
          fix: "Check the permissions of its folder.",
        }),
      ),
    ),
  )
  const python = yield* Effect.mapError(findPython, () =>
    fail(new Unsupported({ detail: "Divergence needs Python 3.", fix: "Install it, or set RIGBOOK_PYTHON to one." })),
  )
  const settings = {
    context: reference.context,
    ubatch: config.ubatch ?? UBATCH,
    threads: config.threads,
    flash_attention: config.flashAttention,
    kv_cache: config.kvCache,
  }
  const engine = yield* engineProcess({
    command: python,
    args: [pythonFile("divergence.py"), library, reference.files.path, files.path, JSON.stringify(settings)],
    env: environmentOf({ path: library, origin: runtime.origin, librariesBeside: true }),
    logFile,
    channel: true,
  }).pipe(Effect.mapError(({ message }) => fail(new Crashed({ detail: message, fix: "Check Python.", exitCode: 127 }))))
  const { ask, first } = yield* channelOf(engine)
  const hello = yield* first.pipe(
    Effect.flatMap((line) => Effect.mapError(decodeHello(line), notUnderstood(engine))),
    Effect.timeoutOrElse({
      duration: openTimeoutMs,
      orElse: () =>
        fail(
          new TimedOut({
            detail: `The model and its reference were not loaded after ${openTimeoutMs / 1000} s.`,
            fix: "Read the engine's log; raise protocol.openTimeoutMs if it was only slow.",
            afterMs: openTimeoutMs,
          }),
          engine.logTail(),
        ),
    }),
  )
  if ("error" in hello)
    return yield* fail(
      new BadModel({
        detail: "The model and its reference have different vocabularies: their predictions can't be compared.",
        fix: "Name a reference that is the same model in more bits.",
      }),
    )
  const { context, threads } = hello
  const session: Session = {
    effective: effectiveFrom(engine.log().split(MARK).at(-1)!, { context, threads, gpuLayers: 0 }, []),
    pids: [engine.pid],
    send: ({ task }) =>
      fail(
        new Unsupported({
          detail: `The model was opened with a reference, which excludes requests to ${task}.`,
          fix: "Open it without one.",
        }),
      ),
    diverge: ask,
  }
  return session
})

/** Lines to the child and back, one request at a time. A pending request fails if the child ends. */
const channelOf = Effect.fnUntraced(function* (engine: EngineProcess) {
  let waiting = yield* Deferred.make<string>()
  yield* engine.receivedLines.pipe(
    Stream.runForEach((line) => Deferred.succeed(waiting, line)),
    Effect.forkScoped,
  )
  const dead = yield* engine.exited.pipe(
    Effect.flatMap((exitCode) => died(engine, exitCode)),
    Effect.forkScoped,
  )
  const next = Effect.suspend(() => Effect.raceFirst(Deferred.await(waiting), Fiber.join(dead)))
  let lastId = 0
  const ask = Effect.fnUntraced(function* ({ chunk, text }: DivergeRequest) {
    waiting = yield* Deferred.make<string>()
    const id = ++lastId
    yield* engine.sendLine(JSON.stringify({ id, text, chunk }))
    const reply = yield* Effect.flatMap(next, (line) => Effect.mapError(decodeChunk(line), notUnderstood(engine)))
    if ("error" in reply)
      return yield* fail(
        new Unsupported({
          detail: `Chunk ${chunk} can't be computed: ${reply.error}.`,
          fix: "Set fewer `chunks`, or name prompts with more text.",
        }),
        engine.logTail(),
      )
    return { inputTokens: reply.result.tokens, divergence: reply.result.divergence }
  })
  return { ask, first: next }
})

const died = Effect.fnUntraced(function* (engine: EngineProcess, exitCode: number) {
  const log = engine.logTail()
  const said = log.findLast((line) => line.startsWith("error: "))
  const shortage = yield* engine.memoryShortage(exitCode)
  if (said === undefined || shortage !== undefined) return yield* fail(failureOf(exitCode, log, shortage), log)
  return yield* fail(
    new Unsupported({
      detail: `Divergence can't be computed: ${said.slice("error: ".length)}.`,
      fix: "Remove `binary` and run `RIGBOOK_LLAMACPP=wheel rigbook setup llamacpp`: that build is known to work.",
    }),
    log,
  )
})

const notUnderstood =
  (engine: EngineProcess) =>
  ({ message }: Schema.SchemaError): BackendError =>
    fail(
      new Crashed({
        detail: `A reply of divergence.py can't be decoded: ${message.split("\n")[0]}.`,
        fix: "Install @rigbook/backend-llamacpp again: its files are not of one version.",
      }),
      engine.logTail(),
    )
