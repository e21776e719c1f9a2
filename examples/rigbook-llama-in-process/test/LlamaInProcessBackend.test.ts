import { NodeServices } from "@effect/platform-node"
import { backendSuite } from "@rigbook/testkit"
import { subject } from "../src/check.ts"
import { llamaInProcessBackend } from "../src/index.ts"

backendSuite(llamaInProcessBackend, NodeServices.layer, subject)
