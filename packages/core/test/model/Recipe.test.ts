import { assert, describe, it } from "@effect/vitest"
import { ggmlTypeNamed } from "../../src/model/GgmlType.ts"
import type { Quantization } from "../../src/model/Recipe.ts"
import type { SyntheticGguf } from "../../src/model/SyntheticModel.ts"
import { ggufTensors } from "../../src/models/synthetic/GgufTensors.ts"
import { llama70b, llama8b, mixtral, qwen72b } from "../models/synthetic/shapes.ts"

/** MiB of all tensors, as `llama-quantize --dry-run` of llama.cpp's build 11434 tells them. */
const SIZES: Readonly<Partial<Record<Quantization, readonly [number, number, number, number]>>> = {
  Q2_K: [3024.38, 25_145.77, 16_508.57, 28_425],
  Q3_K_M: [3825.27, 32_672.53, 21_501.27, 35_946.59],
  Q4_0: [4437.8, 38_110.61, 25_217.87, 39_315.94],
  Q4_K_M: [4685.3, 40_543.11, 27_129.87, 45_213.44],
  Q5_0: [5332.43, 46_395.86, 30_737.49, 47_834.44],
  Q5_K_S: [5332.43, 46_395.86, 30_737.49, 48_989.44],
  Q5_K_M: [5459.93, 47_628.36, 31_689.49, 51_919.44],
  Q6_K: [6282.97, 55_198.94, 36_602.09, 61_360.97],
  Q8_0: [8137.64, 71_494.28, 47_326.64, 73_677.66],
}

const mib = (model: SyntheticGguf): number =>
  Number((ggufTensors(model).reduce((sum, { bytes }) => sum + bytes, 0) / 2 ** 20).toFixed(2))

const typesOf = (model: SyntheticGguf, part: string): ReadonlyArray<number> =>
  ggufTensors(model).flatMap(({ name, type }) => (name.endsWith(`.${part}.weight`) ? [type] : []))

describe("tensorType", () => {
  for (const [quantization, sizes] of Object.entries(SIZES))
    it(`mixes ${quantization} as llama.cpp's quantizer does, to a hundredth of a MiB`, () => {
      const models = [llama8b, llama70b, mixtral, qwen72b].map((model) => ({
        ...model,
        quantization: quantization as Quantization,
      }))
      assert.deepStrictEqual(models.map(mib), [...sizes])
    })

  it("gives the bits per weight that names hide", () => {
    const bits = (model: SyntheticGguf) => {
      const tensors = ggufTensors(model)
      const weights = tensors.reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0)
      return ((8 * tensors.reduce((sum, { bytes }) => sum + bytes, 0)) / weights).toFixed(2)
    }
    assert.deepStrictEqual([llama8b, llama70b, mixtral, qwen72b].map(bits), ["4.89", "4.82", "4.87", "5.22"])
  })

  it("takes smaller blocks where a row is no multiple of 256", () => {
    const { id: q5 } = ggmlTypeNamed("Q5_0")
    const { id: q8 } = ggmlTypeNamed("Q8_0")
    assert.sameMembers([...new Set(typesOf(qwen72b, "ffn_down"))], [q5, q8])
    assert.notInclude(typesOf(llama70b, "ffn_down"), q5)
  })

  it("leaves rows that fill no block of 32 in 16 bits", () => {
    const odd = { ...llama8b, layers: 1, hiddenSize: 64, feedForward: 100, heads: 1, kvHeads: 1 }
    assert.deepStrictEqual(typesOf(odd, "ffn_down"), [ggmlTypeNamed("F16").id])
  })
})
