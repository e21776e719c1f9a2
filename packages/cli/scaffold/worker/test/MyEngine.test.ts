import { NodeServices } from "@effect/platform-node"
import { backendSuite } from "@rigbook/testkit"
import { subject } from "../src/check.ts"
import { myEngine } from "../src/index.ts"

backendSuite(myEngine, NodeServices.layer, subject)
