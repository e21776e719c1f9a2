import { Device, DeviceId, Placement, Refusal, type Strategy } from "@rigbook/core"
import { serverBackend } from "@rigbook/core/engine"
import { readGguf, readSafetensors } from "@rigbook/core/models"
import { Effect, FileSystem, Result } from "effect"
import { fail, tokenOf, unset } from "./Endpoint.ts"
import { Options } from "./Options.ts"
import { probe } from "./Runtime.ts"
import { findServers } from "./FindServers.ts"
import { served } from "./Served.ts"
import { server } from "./Server.ts"

/** The server as a device: it does not report what it computes on, or how much memory that has. */
const device = ({ url }: Options): Device =>
  new Device({ id: DeviceId.make(new URL(url).host), kind: "remote", name: `server at ${new URL(url).host}` })

/** Wherever the server has placed the model. */
const attached: Strategy<Options> = {
  id: "attached",
  place: ({ config, host }) => {
    const { id } = device(config)
    return host.devices.some((one) => one.id === id)
      ? Result.succeed([new Placement({ strategy: "attached", devices: [id] })])
      : Result.fail(new Refusal({ strategy: "attached", reason: `the model is where ${id} has placed it` }))
  },
}

/** Models of a running server, here or elsewhere, with an OpenAI-compatible API. */
export const openai = serverBackend({
  id: "openai",
  description: "A running server with an OpenAI-compatible API, by its address",
  tasks: ["generate", "embed"],
  config: Options,
  probe,
  served,
  inspect: Effect.fnUntraced(function* (files) {
    const fs = yield* FileSystem.FileSystem
    // By its kind, not its name: files in Ollama's store have no ending.
    const isFile = yield* Effect.orElseSucceed(
      Effect.map(fs.stat(files.path), ({ type }) => type === "File"),
      () => files.path.endsWith(".gguf"),
    )
    const read = isFile ? readGguf(files.path, files) : readSafetensors(files.path, files)
    return yield* Effect.mapError(read, (reason) => fail(reason))
  }),
  placement: { strategies: [attached], devices: (options) => [device(options)] },
  machine: {
    check: (options) =>
      Effect.sync(() =>
        options.tokenEnv === undefined || tokenOf(options) !== undefined
          ? []
          : [{ path: ["tokenEnv"], message: `${unset(options.tokenEnv)} Set it to the server's token.` }],
      ),
    servers: findServers,
  },
  server,
})
