/** A program that holds an engine until it is killed; run by EngineProcess.integration.test.ts. Arguments: the log file, then those of `sh`. */
import { NodeServices } from "@effect/platform-node"
import { Effect } from "effect"
import { engineProcess } from "../../../src/engine/process/EngineProcess.ts"

const [logFile, ...args] = process.argv.slice(2)
const program = Effect.gen(function* () {
  yield* engineProcess({ command: "/bin/sh", args, env: { PATH: "/usr/bin:/bin" }, logFile: logFile! })
  return yield* Effect.never
})

await Effect.runPromise(program.pipe(Effect.scoped, Effect.provide(NodeServices.layer)))
