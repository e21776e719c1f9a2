import { backendError, Effective, Runtime } from "@rigbook/core"
import { scrubbedEnvironment, serverBackend } from "@rigbook/core/engine"
import { readGguf } from "@rigbook/core/models"
import { Effect, Schema } from "effect"
import { fileURLToPath } from "node:url"

/** The fake engine of the testkit, as it is built. */
const PROGRAM = fileURLToPath(new URL("../../../packages/testkit/dist/engine.js", import.meta.url))

const fail = backendError("campaign-engine")

/** A backend whose engine is a real process below real guards, and starts in a tenth of a second. */
export const engine = serverBackend({
  id: "campaign-engine",
  description: "A light engine that is a process of its own",
  tasks: ["generate", "embed"],
  config: Schema.Struct({
    pace: Schema.Finite.pipe(Schema.withDecodingDefaultKey(Effect.succeed(1))),
    behaviour: Schema.Record(Schema.String, Schema.Unknown).pipe(Schema.withDecodingDefaultKey(Effect.succeed({}))),
  }),
  probe: () =>
    Effect.succeed(
      new Runtime({
        program: "campaign-engine",
        version: "1.0.0",
        origin: "path",
        path: process.execPath,
        libraries: {},
      }),
    ),
  inspect: (files) => Effect.mapError(readGguf(files.path, files), (reason) => fail(reason)),
  server: {
    name: "The campaign's engine",
    command: ({ config, nonce, port }) =>
      Effect.succeed({
        command: process.execPath,
        args: [PROGRAM, JSON.stringify({ model: nonce, port, tokenMs: config.pace, ...config.behaviour })],
        env: scrubbedEnvironment([]),
        context: undefined,
      }),
    prove: (client, nonce) =>
      Effect.filterOrFail(client.getJson("/v1/models"), (list) => JSON.stringify(list).includes(nonce)),
    effective: ({ input }) =>
      Effect.succeed(new Effective({ devices: input.placement.devices, settings: {}, buffers: [] })),
    body: ({ natural = false }) => ({ ignore_eos: !natural }),
  },
})
