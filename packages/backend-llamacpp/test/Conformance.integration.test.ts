import { NodeServices } from "@effect/platform-node"
import { backendSuite, withDeafChild } from "@rigbook/testkit"
import { Effect } from "effect"
import { subject } from "../src/check.ts"
import { llamacpp } from "../src/LlamaCpp.ts"

backendSuite(
  llamacpp,
  NodeServices.layer,
  Effect.gen(function* () {
    const { path } = yield* llamacpp.machine!.setup!
    const { faults, options, ...rest } = yield* subject
    const deafChild = { ...options, binary: yield* withDeafChild(path, "llama-server") }
    return { ...rest, options, faults: { ...faults, deafChild } }
  }),
)
