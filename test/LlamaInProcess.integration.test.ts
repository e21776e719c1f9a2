import { NodeServices } from "@effect/platform-node"
import { backendSuite } from "@rigbook/testkit"
import { subject } from "../examples/rigbook-llama-in-process/src/check.ts"
import { llamaInProcessBackend } from "../examples/rigbook-llama-in-process/src/index.ts"

backendSuite(llamaInProcessBackend, NodeServices.layer, subject)
