import { BadModel, backendError, Effective, makeBackend, NotInstalled, Runtime, Unsupported } from "@rigbook/core"
import { pythonPath, scrubbedEnvironment, shortCommand, startWorker, workerReasons } from "@rigbook/core/engine"
import { readGguf } from "@rigbook/core/models"
import { Effect, Schema } from "effect"
import { fileURLToPath } from "node:url"

const fail = backendError("my-engine")

/** What its models can do here. */
const tasks = ["generate", "embed"] as const
const WORKER = fileURLToPath(new URL("../python/worker.py", import.meta.url))

/** What `backends.my-engine` may hold in a model's config. */
const Options = Schema.Struct({
  /** A Python 3.11 or later that has the library. */
  python: Schema.String.pipe(Schema.withDecodingDefaultKey(Effect.succeed("python3"))),
})

/** Requests to `python/worker.py`, and their results by `op`. */
type Request =
  | { readonly op: "load"; readonly model: string }
  | { readonly op: "next" }
  | { readonly op: "encode"; readonly texts: ReadonlyArray<string>; readonly return_vectors: boolean }
const Results = {
  load: Schema.Struct({ threads: Schema.Int }),
  next: Schema.Struct({ text: Schema.String }),
  encode: Schema.Struct({
    tokens: Schema.Int,
    count: Schema.Int,
    dimensions: Schema.Int,
    sha256: Schema.String,
    vectors: Schema.optionalKey(Schema.String),
  }),
} as const

const environment = scrubbedEnvironment(["PYTHON"], { PYTHONPATH: pythonPath(), PYTHONDONTWRITEBYTECODE: "1" })

/** A library in a Python process of its own: put yours into `python/worker.py`. */
export const myEngine = makeBackend({
  id: "my-engine",
  description: "Writes words, from a worker",
  tasks,
  config: Options,
  // Which program would run, and in which version.
  probe: ({ python }) =>
    shortCommand(python, ["--version"], { env: environment }).pipe(
      Effect.mapBoth({
        onSuccess: ({ stdout }) =>
          new Runtime({ program: "my-engine", version: stdout.trim(), origin: "path", path: python, libraries: {} }),
        onFailure: ({ message }) =>
          fail(new NotInstalled({ detail: `${python}: ${message}.`, fix: "Correct the option python." })),
      }),
    ),
  // Reads headers only; give readSafetensors for a folder of safetensors.
  inspect: (files) => Effect.mapError(readGguf(files.path, files), (reason) => fail(reason)),
  open: ({ config, files, logFile, openTimeoutMs, placement, task }) =>
    Effect.gen(function* () {
      const worker = yield* startWorker<Request, typeof Results>({
        backend: "my-engine",
        command: config.python,
        args: [WORKER],
        env: environment,
        logFile,
        results: Results,
        reasons: workerReasons<Request["op"]>({
          lessMemory: "Choose a smaller batch, or a smaller model.",
          install: "Correct the option python.",
          load: "load",
          notLoaded: (_, said) =>
            new BadModel({ detail: `The model does not load (${said}).`, fix: "Fetch it again." }),
        }),
      })
      const { threads } = yield* worker.load({ op: "load", model: files.path }, openTimeoutMs)
      return {
        // Read back from the worker, never an echo of the request.
        effective: new Effective({ devices: placement.devices, settings: { threads }, buffers: [] }),
        pids: [worker.pid],
        send: Effect.fnUntraced(function* (request, observer) {
          if (request.task !== task || !tasks.some((one) => one === task))
            return yield* fail(
              new Unsupported({
                detail: `It can't ${request.task} here.`,
                fix: `Open it for that: ${tasks.join(", ")}.`,
              }),
            )
          if (request.task === "embed") {
            const { returnVectors = false, texts } = request
            const answer = yield* worker.ask({ op: "encode", texts, return_vectors: returnVectors }, observer.sent)
            const { tokens, vectors: base64, ...vectors } = answer
            return { inputTokens: tokens, vectors: base64 === undefined ? vectors : { ...vectors, base64 } }
          }
          let text = ""
          for (let token = 0; token < request.outputTokens; token++) {
            const next = yield* worker.ask({ op: "next" }, token === 0 ? observer.sent : undefined)
            text += next.text
            observer.chunk(1) // the time is put on it here
          }
          return {
            inputTokens: 1,
            outputTokens: request.outputTokens,
            cachedTokens: 0,
            finish: "length" as const,
            text,
          }
        }),
      }
    }),
})
