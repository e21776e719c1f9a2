/** A program that holds two replicas until it is killed, and prints their process group; run by Replicas.integration.test.ts. */
import { NodeServices } from "@effect/platform-node"
import { Effect } from "effect"
import { openTwice } from "./openTwice.ts"

const program = Effect.gen(function* () {
  const { session } = yield* openTwice
  process.stdout.write(`${session.pids[0]}\n`)
  return yield* Effect.never
})

await Effect.runPromise(program.pipe(Effect.scoped, Effect.provide(NodeServices.layer)))
