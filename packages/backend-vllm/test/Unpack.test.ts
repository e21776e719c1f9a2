import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { join } from "node:path"
import { ggufOutline } from "../../core/src/models/synthetic/GgufFile.ts"
import { llama8b } from "../../core/test/models/synthetic/shapes.ts"
import { demand } from "../src/Demand.ts"
import { vllm } from "../src/Vllm.ts"
import { options } from "./Options.ts"

layer(NodeServices.layer)("a GGUF that is planned before it is unpacked", (it) => {
  it.effect("has the facts of its header, weights of 16 bits, and a demand that is reported as a guess", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const path = join(yield* fs.makeTempDirectoryScoped(), "model.gguf")
      yield* fs.writeFile(path, ggufOutline(llama8b))
      const model = yield* vllm.inspect({ path, headersOnly: true })
      assert.deepInclude(model, { quantization: "BF16", bitsPerWeight: 16, layers: 32, kvHeads: 8 })
      assert.strictEqual(model.weightBytes, 2 * model.parameters)
      assert.deepInclude(model.unpackedFrom, { format: "gguf", quantization: llama8b.quantization })
      const [weights] = demand(model, options({}), "generate").parts
      assert.deepInclude(weights, { name: "weights", bytes: 2 * model.parameters, basis: "heuristic" })
      assert.include(weights!.formula, "the GGUF is unpacked to bf16 first")
      const [single] = demand(model, options({ dtype: "float32" }), "generate").parts
      assert.strictEqual(single!.bytes, 4 * model.parameters)
    }).pipe(Effect.scoped),
  )
})
