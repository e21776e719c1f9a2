import { NodeServices } from "@effect/platform-node"
import { backendSuite, withDeafChild } from "@rigbook/testkit"
import { Effect } from "effect"
import { subject } from "../src/check.ts"
import { onnxruntime } from "../src/OnnxRuntime.ts"

backendSuite(
  onnxruntime,
  NodeServices.layer,
  Effect.gen(function* () {
    const { path } = yield* onnxruntime.machine!.setup!
    const { faults, ...rest } = yield* subject
    return { ...rest, faults: { ...faults, deafChild: { python: yield* withDeafChild(path, "python") } } }
  }),
)
