import {
  type Backend,
  backendError,
  Crashed,
  Effective,
  NotInstalled,
  Runtime,
  TimedOut,
  Unsupported,
} from "@rigbook/core"
import {
  embedTexts,
  engineProcess,
  freePort,
  openAiClient,
  scrubbedEnvironment,
  type ServerServices,
  untilReady,
} from "@rigbook/core/engine"
import { readGguf } from "@rigbook/core/models"
import { fakeEngine } from "@rigbook/testkit"
import { Effect, Schema } from "effect"

const fail = backendError("effect-engine")
const runtime = new Runtime({
  program: "effect-engine",
  version: "1.0.0",
  origin: "path",
  path: process.execPath,
  libraries: {},
})
const MODEL = "my-model"

const Options = Schema.Struct({ program: Schema.optionalKey(Schema.NonEmptyString) })

/** The engine of `http-engine.ts` without `serverBackend`: what is opened here is closed with the scope, in turn. */
export const effectEngine: Backend<typeof Options.Type, ServerServices> = {
  id: "effect-engine",
  description: "A server, by an author who writes Effect",
  tasks: ["generate", "embed"],
  config: Options,
  probe: ({ program }) =>
    program === undefined
      ? Effect.succeed(runtime)
      : Effect.fail(fail(new NotInstalled({ detail: `There is no ${program}.`, fix: "Leave program out." }))),
  inspect: (files) => Effect.mapError(readGguf(files.path, files), (reason) => fail(reason)),
  open: Effect.fnUntraced(function* ({ logFile, openTimeoutMs, placement, task }) {
    const port = yield* freePort
    const command = fakeEngine({ model: MODEL, port })
    const engine = yield* engineProcess({ ...command, env: scrubbedEnvironment([]), logFile }).pipe(
      Effect.mapError(({ message }) => fail(new NotInstalled({ detail: message, fix: "Check the program." }))),
    )
    const client = yield* openAiClient(port)
    yield* untilReady(engine, openTimeoutMs, client.getJson("/health")).pipe(
      Effect.mapError(() =>
        fail(new TimedOut({ detail: "It was not ready.", fix: "Read its log.", afterMs: openTimeoutMs })),
      ),
    )
    return {
      // Read back from the engine where it reports it, never an echo of the request.
      effective: new Effective({ devices: placement.devices, settings: {}, buffers: [] }),
      pids: [engine.pid],
      send: (request, observer) => {
        if (request.task !== task)
          return Effect.fail(fail(new Unsupported({ detail: `Opened to ${task}.`, fix: "Use that task." })))
        const completion =
          request.task === "embed"
            ? embedTexts(client, MODEL, request, observer)
            : client
                .stream(request, MODEL, { ignore_eos: request.natural !== true }, observer)
                .pipe(Effect.map((streamed) => streamed.completion))
        return Effect.mapError(completion, ({ detail }) =>
          fail(new Crashed({ detail, fix: "Read its log." }), engine.logTail()),
        )
      },
    }
  }),
}
