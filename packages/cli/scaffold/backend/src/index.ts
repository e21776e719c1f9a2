import {
  type BackendError,
  backendError,
  Effective,
  type EmbedRequest,
  makeBackend,
  NotInstalled,
  Runtime,
  TimedOut,
  Unsupported,
} from "@rigbook/core"
import { readGguf } from "@rigbook/core/models"
import { Effect, Schema } from "effect"
import { createHash } from "node:crypto"

const fail = backendError("my-engine")

/** What its models can do here. */
const tasks = ["generate", "embed"] as const

/** What `backends.my-engine` may hold in a model's config. */
const Options = Schema.Struct({
  /** Milliseconds from one token to the next. */
  pace: Schema.Finite.pipe(Schema.withDecodingDefaultKey(Effect.succeed(1))),
  /** Where the engine is, if not in this package. */
  program: Schema.optionalKey(Schema.NonEmptyString),
})
type Options = typeof Options.Type

const runtime = new Runtime({ program: "my-engine", version: "0.1.0", origin: "path", path: "built in", libraries: {} })

/** Which engine would run, and in which version. */
const probe = ({ program }: Options): Effect.Effect<Runtime, BackendError> =>
  program === undefined
    ? Effect.succeed(runtime)
    : Effect.fail(
        fail(
          new NotInstalled({ detail: `There is no ${program}.`, fix: "Leave program out: the engine is built in." }),
        ),
      )

/** A vector of each text: their number, width and hash, and the bytes only if they are requested. */
const embedded = ({ returnVectors = false, texts }: EmbedRequest) => {
  const dimensions = 2
  const bytes = Buffer.from(Float32Array.from(texts.flatMap(({ length }) => [1, length])).buffer)
  return {
    inputTokens: texts.length,
    vectors: {
      count: texts.length,
      dimensions,
      sha256: createHash("sha256").update(bytes).digest("hex"),
      ...(returnVectors ? { base64: bytes.toString("base64") } : {}),
    },
  }
}

/** An engine in this process that writes one word after the other: put yours in its place. */
export const myEngine = makeBackend({
  id: "my-engine",
  description: "Writes words at a set pace",
  tasks,
  config: Options,
  probe,
  // Reads headers only; give readSafetensors for a folder of safetensors.
  inspect: (files) => Effect.mapError(readGguf(files.path, files), (reason) => fail(reason)),
  // Loads the model. What it acquires in its scope is closed when the session is: see Effect.acquireRelease.
  open: ({ config, openTimeoutMs, placement, task }) =>
    Effect.succeed({
      // Read back from the engine, never an echo of the request.
      effective: new Effective({ devices: placement.devices, settings: {}, buffers: [] }),
      // Processes of the engine, so that their memory is observed.
      pids: [],
      send: Effect.fnUntraced(function* (request, observer) {
        if (request.task !== task || !tasks.some((one) => one === task))
          return yield* fail(
            new Unsupported({
              detail: `It can't ${request.task} here.`,
              fix: `Open it for that: ${tasks.join(", ")}.`,
            }),
          )
        observer.sent()
        if (request.task === "embed") return embedded(request)
        let text = ""
        for (let token = 0; token < request.outputTokens; token++) {
          yield* Effect.sleep(config.pace)
          text += `word${token} `
          observer.chunk(1) // the time is put on it here
        }
        return { inputTokens: 1, outputTokens: request.outputTokens, cachedTokens: 0, finish: "length" as const, text }
      }),
    }).pipe(
      Effect.timeoutOrElse({
        duration: openTimeoutMs,
        orElse: () =>
          Effect.fail(
            fail(
              new TimedOut({
                detail: "The model was not loaded in time.",
                fix: "Wait longer.",
                afterMs: openTimeoutMs,
              }),
            ),
          ),
      }),
    ),
})
