import { Effect, Schedule } from "effect"
import { print, printAside, printJson } from "../output/Print.ts"
import { installedBackends, installedMetrics, withRatingRules, withScenarioSets } from "../Plugins.ts"
import { liveServer } from "../serve/Server.ts"
import { watchWorkspace } from "../serve/Watch.ts"
import { openWorkspace } from "./OpenWorkspace.ts"

/** What `rigbook serve` was called with. */
export interface ServeInput {
  readonly port: number
  readonly json: boolean
}

/** How often files are checked: often enough to follow trials, and hardly any work beside a measurement. */
const PERIOD = "1 second"

/** Shows the registry's page on loopback until it is stopped, with the current run. */
export const serve = Effect.fn("Serve.serve")(function* ({ json, port }: ServeInput) {
  const workspace = yield* withScenarioSets(yield* withRatingRules(yield* openWorkspace))
  const look = watchWorkspace(workspace, yield* installedBackends, yield* installedMetrics)
  const server = yield* liveServer(workspace, port, yield* look)
  const url = `http://127.0.0.1:${server.port}/`
  yield* json ? printJson({ url }) : print(`${url}  (Ctrl-C stops it)`)
  let reported = ""
  return yield* look.pipe(
    Effect.map(server.tell),
    // A file that is half written or just deleted is complete at the next check; a lasting error is reported once.
    Effect.catch((error) =>
      Effect.sync(() => {
        const text = error instanceof Error ? error.message : String(error)
        if (text !== reported) printAside(text)
        reported = text
      }),
    ),
    Effect.repeat(Schedule.spaced(PERIOD)),
    Effect.andThen(Effect.never),
  )
}, Effect.scoped)
