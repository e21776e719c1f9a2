import { assert, describe, it } from "@effect/vitest"
import type { SyntheticSafetensors } from "../../../src/model/SyntheticModel.ts"
import { checkpointTensors, positionsOf } from "../../../src/models/synthetic/SafetensorsTensors.ts"
import { bgeM3, llama8b, miniLm } from "./shapes.ts"

const parameters = (model: SyntheticSafetensors): number =>
  checkpointTensors(model).reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0)

describe("checkpointTensors", () => {
  it("has as many weights as the true models", () => {
    assert.strictEqual(parameters(miniLm), 117_653_760)
    assert.strictEqual(parameters(bgeM3), 567_754_752)
    assert.strictEqual(parameters({ ...llama8b, format: "safetensors", quantization: "BF16" }), 8_030_261_248)
  })

  it("has no name twice", () => {
    const names = checkpointTensors(bgeM3).map(({ name }) => name)
    assert.lengthOf(new Set(names), names.length)
  })

  it("leaves two positions of XLM-R to padding", () => {
    const { positions: _, ...given } = bgeM3
    assert.strictEqual(positionsOf(given), 8194)
    assert.strictEqual(positionsOf(miniLm), 512)
  })
})
