import { backendError, Effective, NotInstalled, Runtime } from "@rigbook/core"
import { scrubbedEnvironment, serverBackend } from "@rigbook/core/engine"
import { readGguf } from "@rigbook/core/models"
import { fakeEngine } from "@rigbook/testkit"
import { Effect, Schema } from "effect"

const fail = backendError("http-engine")
const runtime = new Runtime({
  program: "http-engine",
  version: "1.0.0",
  origin: "path",
  path: process.execPath,
  libraries: {},
})

/** What `backends.http-engine` may hold in a model's config. */
const Options = Schema.Struct({
  /** Milliseconds from one token to the next. */
  pace: Schema.Finite.pipe(Schema.withDecodingDefaultKey(Effect.succeed(1))),
  program: Schema.optionalKey(Schema.NonEmptyString),
})

/** The engine of the testkit: a program of its own that speaks as OpenAI's API does. Put yours in its place. */
export const httpEngine = serverBackend({
  id: "http-engine",
  description: "A server that is neither llama.cpp's nor vLLM's",
  tasks: ["generate", "embed"],
  config: Options,
  probe: ({ program }) =>
    program === undefined
      ? Effect.succeed(runtime)
      : Effect.fail(fail(new NotInstalled({ detail: `There is no ${program}.`, fix: "Leave program out." }))),
  inspect: (files) => Effect.mapError(readGguf(files.path, files), (reason) => fail(reason)),
  server: {
    name: "The third server",
    command: ({ config, nonce, port }) =>
      Effect.succeed({
        ...fakeEngine({ model: nonce, port, tokenMs: config.pace }),
        env: scrubbedEnvironment([]),
        context: undefined,
      }),
    // Ready, and ours: nobody else calls a model by this nonce.
    prove: (client, nonce) =>
      Effect.filterOrFail(client.getJson("/v1/models"), (list) => JSON.stringify(list).includes(nonce)),
    effective: ({ input }) =>
      Effect.succeed(new Effective({ devices: input.placement.devices, settings: {}, buffers: [] })),
    body: ({ natural = false }) => ({ ignore_eos: !natural }),
  },
})
