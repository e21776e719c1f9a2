import { asyncBackend, Crashed, Effective, NotInstalled, Runtime, TimedOut, Unsupported } from "@rigbook/core"
import {
  embedTexts,
  engineProcess,
  freePort,
  openAiClient,
  scrubbedEnvironment,
  untilReady,
} from "@rigbook/core/engine"
import { readGguf } from "@rigbook/core/models"
import { fakeEngine } from "@rigbook/testkit"
import { Schema } from "effect"

const runtime = new Runtime({
  program: "async-engine",
  version: "1.0.0",
  origin: "path",
  path: process.execPath,
  libraries: {},
})
const MODEL = "my-model"

/** The engine of `http-engine.ts` in promises: `run` turns what core offers into them. */
export const asyncEngine = asyncBackend({
  id: "async-engine",
  description: "A server, by an author who writes promises",
  tasks: ["generate", "embed"],
  config: Schema.Struct({ program: Schema.optionalKey(Schema.NonEmptyString) }),
  probe: async ({ program }) => {
    if (program === undefined) return runtime
    throw new NotInstalled({ detail: `There is no ${program}.`, fix: "Leave program out." })
  },
  inspect: (files, { run }) => run(readGguf(files.path, files)),
  open: async ({ logFile, openTimeoutMs, placement, task }, { run }) => {
    const port = await run(freePort)
    const command = fakeEngine({ model: MODEL, port })
    const engine = await run(engineProcess({ ...command, env: scrubbedEnvironment([]), logFile }))
    const client = await run(openAiClient(port))
    await run(untilReady(engine, openTimeoutMs, client.getJson("/health"))).catch(() => {
      throw new TimedOut({ detail: "It was not ready.", fix: "Read its log.", afterMs: openTimeoutMs })
    })
    return {
      // Read back from the engine where it reports it, never an echo of the request.
      effective: new Effective({ devices: placement.devices, settings: {}, buffers: [] }),
      pids: [engine.pid],
      send: async (request, observer, { run }) => {
        if (request.task !== task) throw new Unsupported({ detail: `Opened to ${task}.`, fix: "Use that task." })
        try {
          return request.task === "generate"
            ? (await run(client.stream(request, MODEL, { ignore_eos: true }, observer))).completion
            : await run(embedTexts(client, MODEL, request, observer))
        } catch (error) {
          throw new Crashed({ detail: (error as Error).message, fix: "Read its log." })
        }
      },
    }
  },
})
