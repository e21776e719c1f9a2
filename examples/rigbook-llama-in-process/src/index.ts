import {
  type BackendError,
  backendError,
  BadModel,
  CPU,
  cpu,
  Crashed,
  Effective,
  makeBackend,
  NotInstalled,
  type OpenInput,
  OutOfMemory,
  Runtime,
  type Session,
  TimedOut,
  Unsupported,
} from "@rigbook/core"
import { readGguf } from "@rigbook/core/models"
import { Effect, Schema } from "effect"
import { availableParallelism } from "node:os"
import { type Engine, loadEngine } from "./Engine.ts"

const fail = backendError("llama-in-process")

/** What `backends.llama-in-process` may hold in a model's config. */
const Options = Schema.Struct({
  context: Schema.Int.annotate({ description: "Tokens of the longest request, prompt and answer together." }).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed(2048)),
  ),
  // The process has Rigbook's clock and Node's own threads, too: with all cores, each token waits for the slowest of them.
  threads: Schema.Int.annotate({ description: "Threads that compute. Default: all cores but one." }).pipe(
    Schema.withDecodingDefaultKey(Effect.sync(() => Math.max(1, availableParallelism() - 1))),
  ),
})
type Options = typeof Options.Type

/** The library is loaded when it is first used, so that listing this plugin costs nothing. */
const library = Effect.tryPromise({
  try: () => import("node-llama-cpp"),
  catch: (cause) =>
    fail(new NotInstalled({ detail: `node-llama-cpp can't be loaded: ${String(cause)}.`, fix: "Install it again." })),
})

const probe = (): Effect.Effect<Runtime, BackendError> =>
  Effect.flatMap(library, ({ getModuleVersion }) =>
    Effect.map(
      Effect.promise(() => getModuleVersion()),
      (version) =>
        new Runtime({ program: "node-llama-cpp", version, origin: "path", path: "node-llama-cpp", libraries: {} }),
    ),
  )

const reported = (cause: unknown): BackendError => {
  const detail = cause instanceof Error ? cause.message : String(cause)
  if (cause instanceof Error && cause.name === "InsufficientMemoryError")
    return fail(new OutOfMemory({ detail, fix: "Lower context, or take a smaller model." }))
  return /failed to load model|invalid model/i.test(detail)
    ? fail(new BadModel({ detail, fix: "Check that the file is whole." }))
    : fail(new Crashed({ detail, fix: "Read the engine's log." }))
}

const open = Effect.fnUntraced(function* ({ config, files, logFile, openTimeoutMs, task }: OpenInput<Options>) {
  const { getLlama, resolveChatWrapper } = yield* library
  const engine: Engine = yield* Effect.acquireRelease(
    Effect.tryPromise({
      try: (signal) => loadEngine({ getLlama, resolveChatWrapper }, { ...config, path: files.path, logFile, signal }),
      catch: reported,
    }),
    (loaded) => Effect.promise(() => loaded.unload()),
    { interruptible: true },
  ).pipe(
    Effect.timeoutOrElse({
      duration: openTimeoutMs,
      orElse: () =>
        Effect.fail(
          fail(
            new TimedOut({
              detail: "The model was not loaded in time.",
              fix: "Raise openTimeoutMs.",
              afterMs: openTimeoutMs,
            }),
          ),
        ),
    }),
  )
  const session: Session = {
    effective: new Effective({
      devices: [CPU],
      settings: { context: engine.contextSize, threads: engine.threads },
      buffers: [],
    }),
    // The model lies in this process: its memory is observed together with Node's.
    pids: [process.pid],
    send: (request, observer) =>
      request.task === "generate"
        ? Effect.tryPromise({ try: (signal) => engine.generate(request, observer, signal), catch: reported })
        : Effect.fail(fail(new Unsupported({ detail: `Opened to ${task}.`, fix: "Use that task." }))),
  }
  return session
})

/** llama.cpp inside of this process, on the processor, through the npm package node-llama-cpp. */
export const llamaInProcessBackend = makeBackend({
  id: "llama-in-process",
  description: "Runs GGUF models inside of this process, through node-llama-cpp",
  tasks: ["generate"],
  config: Options,
  probe,
  inspect: (files) => Effect.mapError(readGguf(files.path, files), (reason) => fail(reason)),
  open,
  memory: { withContext: (options, context) => ({ ...options, context }) },
  placement: { strategies: [cpu], requested: ({ context, threads }) => ({ context, threads }) },
})
