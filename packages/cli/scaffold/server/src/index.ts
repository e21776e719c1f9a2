import { backendError, Effective, NotInstalled, Runtime } from "@rigbook/core"
import { scrubbedEnvironment, serverBackend } from "@rigbook/core/engine"
import { readGguf } from "@rigbook/core/models"
import { fakeEngine } from "@rigbook/testkit"
import { Effect, Schema } from "effect"

const fail = backendError("my-engine")

/** What `backends.my-engine` may hold in a model's config. */
const Options = Schema.Struct({
  /** Milliseconds from one token to the next. */
  pace: Schema.Finite.pipe(Schema.withDecodingDefaultKey(Effect.succeed(1))),
  /** The server's program, if it is not the one on PATH. */
  program: Schema.optionalKey(Schema.NonEmptyString),
})

const runtime = new Runtime({
  program: "my-engine",
  version: "0.1.0",
  origin: "path",
  path: process.execPath,
  libraries: {},
})

/** A server of its own for each model: put the command of yours in the place of the testkit's. */
export const myEngine = serverBackend({
  id: "my-engine",
  description: "Writes words at a set pace, from a server",
  tasks: ["generate", "embed"],
  config: Options,
  // Which program would run, and in which version.
  probe: ({ program }) =>
    program === undefined
      ? Effect.succeed(runtime)
      : Effect.fail(fail(new NotInstalled({ detail: `There is no ${program}.`, fix: "Leave program out." }))),
  // Reads headers only; give readSafetensors for a folder of safetensors.
  inspect: (files) => Effect.mapError(readGguf(files.path, files), (reason) => fail(reason)),
  server: {
    name: "my-engine",
    // Such as: command: runtime.path, args: ["--model", files.path, "--port", `${port}`].
    command: ({ config, nonce, port }) =>
      Effect.succeed({
        ...fakeEngine({ model: nonce, port, tokenMs: config.pace }),
        env: scrubbedEnvironment(["MY_ENGINE_"]),
        context: undefined,
      }),
    // Ready, and ours: nobody else calls a model by this nonce.
    prove: (client, nonce) =>
      Effect.filterOrFail(client.getJson("/v1/models"), (list) => JSON.stringify(list).includes(nonce)),
    // Read back from its API or its log, never an echo of the request.
    effective: ({ input }) =>
      Effect.succeed(new Effective({ devices: input.placement.devices, settings: {}, buffers: [] })),
    // Exactly as many tokens as requested, unless the answer may end by itself.
    body: ({ natural = false }) => ({ ignore_eos: !natural }),
  },
})
