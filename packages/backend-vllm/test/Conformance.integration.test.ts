import { NodeServices } from "@effect/platform-node"
import { backendSuite } from "@rigbook/testkit"
import { Effect } from "effect"
import { subject } from "../src/check.ts"
import { vllm } from "../src/Vllm.ts"

backendSuite(vllm, NodeServices.layer, Effect.andThen(vllm.machine!.setup!, subject))
