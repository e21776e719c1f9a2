import { backendError, Effective, makeBackend, Runtime, Unsupported } from "@rigbook/core"
import { readGguf } from "@rigbook/core/models"
import { Effect, Schema } from "effect"

const fail = backendError("echo")
const runtime = new Runtime({ program: "echo", version: "1.0.0", origin: "named", path: "built in", libraries: {} })

/** An engine that runs no model: it sends one token after the other, `delayMs` apart. */
export const echo = makeBackend({
  id: "echo",
  description: "Sends tokens at a set pace, for trying things out",
  tasks: ["generate"],
  config: Schema.Struct({ delayMs: Schema.Finite }),
  probe: () => Effect.succeed(runtime),
  inspect: ({ path }) => readGguf(path).pipe(Effect.mapError((reason) => fail(reason))),
  open: ({ config, placement }) =>
    Effect.succeed({
      effective: new Effective({ devices: placement.devices, settings: { delayMs: config.delayMs }, buffers: [] }),
      pids: [process.pid],
      send: Effect.fnUntraced(function* (request, observer) {
        if (request.task !== "generate")
          return yield* fail(new Unsupported({ detail: "No vectors.", fix: "Generate." }))
        observer.sent()
        for (let token = 0; token < request.outputTokens; token++) {
          yield* Effect.sleep(config.delayMs)
          observer.chunk(1) // core adds the timestamp
        }
        return { inputTokens: 1, outputTokens: request.outputTokens, finish: "length" as const }
      }),
    }),
})
