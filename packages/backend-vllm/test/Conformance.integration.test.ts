import { NodeServices } from "@effect/platform-node"
import { backendSuite } from "@rigbook/testkit"
import { Effect } from "effect"
import { vllm } from "../src/Vllm.ts"
import { prepared, SMALL } from "./TinyModel.ts"

const OPTIONS = { ...SMALL, maxModelLen: 512 }

backendSuite(
  vllm,
  NodeServices.layer,
  Effect.map(prepared, ({ files }) => ({
    options: OPTIONS,
    models: { generate: files, embed: files },
    placement: "cpu",
    prompt: { text: "w1 w2 w3 w4" },
    texts: ["w1 w2", "w3", "w4 w5 w6"],
    faults: {
      missingProgram: { ...OPTIONS, vllm: "/nowhere/vllm" },
      outOfMemory: { options: { ...OPTIONS, kvCacheBytes: 2 ** 45 } },
    },
  })),
)
