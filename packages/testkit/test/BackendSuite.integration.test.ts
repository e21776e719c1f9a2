import { NodeServices } from "@effect/platform-node"
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { backendSuite, checkBackend } from "../src/index.ts"
import { inProcess, program, programSubject } from "./conforming.ts"

backendSuite(program, NodeServices.layer, Effect.succeed(programSubject))

it.live("an engine without a process passes, and what can't be checked is reported", () =>
  Effect.gen(function* () {
    const { backend, subject } = inProcess()
    const results = yield* checkBackend(backend, Effect.succeed(subject))
    const reported = results.flatMap((result) => (result.outcome === "passed" ? [] : [result]))
    assert.deepStrictEqual(
      reported.map((result) => (result.outcome === "not run" ? `${result.name}: ${result.why}` : result.sentence)),
      [
        "generate: finds nothing of an earlier request in a cache: the engine does not report what it found in a cache",
        "generate: reports running processes that were started here: the session reports no process: its memory is not observed",
        "embed: reports running processes that were started here: the session reports no process: its memory is not observed",
        "leaves no process if it is interrupted while it opens: open starts no process",
        "leaves no process when it is closed, even if SIGTERM is ignored: the session reports no process of its own",
        "leaves no port when it is closed: the engine listens on no port of this machine",
        "leaves no child of the engine: give faults.deafChild: options whose engine leaves a child behind, see withDeafChild",
      ],
    )
  }).pipe(Effect.provide(NodeServices.layer)),
)
