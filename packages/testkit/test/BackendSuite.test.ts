import { NodeServices } from "@effect/platform-node"
import { Effect } from "effect"
import { backendSuite } from "../src/index.ts"
import { inProcess, program, programSubject } from "./conforming.ts"

const { backend, subject } = inProcess()
backendSuite(backend, NodeServices.layer, Effect.succeed(subject))
backendSuite(program, NodeServices.layer, Effect.succeed(programSubject))
