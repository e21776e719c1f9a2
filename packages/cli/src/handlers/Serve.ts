import { Effect, Schedule } from "effect"
import type { ActionOf } from "../Action.ts"
import { print, printJson } from "../output/Print.ts"
import { installedBackends, installedMetrics, withRatingRules } from "../Plugins.ts"
import { liveServer } from "../serve/Server.ts"
import { watchWorkspace } from "../serve/Watch.ts"
import { openWorkspace } from "./OpenWorkspace.ts"

/** How often files are looked at: often enough to follow trials, and hardly any work beside a measurement. */
const PERIOD = "1 second"

/** Shows the registry's page on loopback until it is stopped, with the run that is under way. */
export const serve = Effect.fn("Serve.serve")(function* ({ json, port }: ActionOf<"serve">) {
  const workspace = yield* withRatingRules(yield* openWorkspace)
  const look = watchWorkspace(workspace, yield* installedBackends, yield* installedMetrics)
  const server = yield* liveServer(workspace, port, yield* look)
  const url = `http://127.0.0.1:${server.port}/`
  yield* json ? printJson({ url }) : print(`${url}  (Ctrl-C stops it)`)
  let told = ""
  return yield* look.pipe(
    Effect.map(server.tell),
    // A file that is half there, or gone meanwhile, is whole at the next look; a fault that stays is told once.
    Effect.catch((error) =>
      Effect.sync(() => {
        const text = error instanceof Error ? error.message : String(error)
        if (text !== told) process.stderr.write(`${text}\n`)
        told = text
      }),
    ),
    Effect.repeat(Schedule.spaced(PERIOD)),
    Effect.andThen(Effect.never),
  )
}, Effect.scoped)
