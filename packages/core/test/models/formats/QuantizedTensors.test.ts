import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { join } from "node:path"
import { markedName, weightsMark } from "../../../src/model/Model.ts"
import { quantizedMark } from "../../../src/model/QuantizedMark.ts"
import { QUANTIZATIONS } from "../../../src/model/Recipe.ts"
import { readGguf } from "../../../src/models/formats/Gguf.ts"
import { quantizedTensors } from "../../../src/models/formats/QuantizedTensors.ts"
import { ggufTensors } from "../../../src/models/synthetic/GgufTensors.ts"
import { llama8b, mixtral, qwen72b } from "../synthetic/shapes.ts"
import { ggufBytes } from "./ggufBytes.ts"

const headerOf = (model: typeof llama8b | typeof mixtral | typeof qwen72b, quantization = "F16" as never) =>
  ggufTensors({ ...model, quantization }).map(({ name, shape, type }) => ({
    name,
    shape: shape.map(BigInt),
    dtype: type,
  }))

describe("quantizedTensors", () => {
  for (const [name, model] of Object.entries({ llama8b, mixtral, qwen72b }))
    it.each(QUANTIZATIONS)(`gives ${name} in F16 the types that it has in %s`, (to) => {
      const { heads, kvHeads, layers } = model
      const experts = "experts" in model ? model.experts : 0
      const made = quantizedTensors(headerOf(model), { heads, kvHeads, layers, experts }, to)
      assert.deepStrictEqual(made, headerOf(model, to as never))
    })

  it("counts a table of tokens as the output where there is none of its own", () => {
    const table = { name: "token_embd.weight", shape: [256n, 4n], dtype: 1 }
    assert.strictEqual(quantizedTensors([table], {}, "Q4_0")[0]!.dtype, 14) // Q6_K
    const output = { name: "output.weight", shape: [256n, 4n], dtype: 1 }
    assert.deepStrictEqual(
      quantizedTensors([table, output], {}, "Q4_0").map(({ dtype }) => dtype),
      [2, 14],
    )
  })
})

describe("a file that was quantized from another", () => {
  const FROM = { format: "gguf", quantization: "Q4_1", bitsPerWeight: 5.74, sha256: "a".repeat(64) } as const
  const tensors = [{ name: "blk.0.ffn_up.weight", shape: [32, 2], type: 8, bytes: 68 }]
  const read = Effect.fnUntraced(function* (mark: string) {
    const fs = yield* FileSystem.FileSystem
    const path = join(yield* fs.makeTempDirectoryScoped(), "tiny.gguf")
    const metadata = { "rigbook.quantized.from": { string: mark }, "general.architecture": { string: "llama" } }
    yield* fs.writeFile(path, ggufBytes(metadata, tensors))
    return yield* readGguf(path)
  }, Effect.scoped)

  it.layer(NodeServices.layer)((it) => {
    it.effect("says so in its header, padded as the quantizer pads it", () =>
      Effect.gen(function* () {
        const model = yield* read(quantizedMark(FROM).padEnd(1024))
        assert.deepStrictEqual(model.quantizedFrom, FROM)
        assert.strictEqual(markedName("SmolLM2", model), "SmolLM2 (weights requantized from Q4_1)")
      }),
    )

    it.effect("is not read when that can't be: it would pass for a true one", () =>
      Effect.gen(function* () {
        const { detail } = yield* read("{}").pipe(Effect.catchTag("PlatformError", Effect.die), Effect.flip)
        assert.strictEqual(detail, "tiny.gguf has a rigbook.quantized.from that can't be read.")
      }),
    )
  })

  it("is as good as any of its type where nothing was lost before", () => {
    assert.isUndefined(weightsMark({ quantizedFrom: { ...FROM, quantization: "F16" } }))
    assert.strictEqual(
      weightsMark({ synthetic: { layers: 2 }, quantizedFrom: FROM }),
      "synthetic weights, weights requantized from Q4_1",
    )
  })
})
