import { assert, describe, it } from "@effect/vitest"
import { countWeights, packingOf } from "../../../src/models/formats/PackedTensors.ts"
import { parseSafetensorsHeader } from "../../../src/models/formats/SafetensorsHeader.ts"
import { Result } from "effect"

const WIDTH: Readonly<Record<string, number>> = { I32: 4, I64: 8, F16: 2, BF16: 2, F32: 4, U8: 1, I8: 1, F8_E4M3: 1 }
type Shapes = Readonly<Record<string, readonly [dtype: string, ...shape: ReadonlyArray<number>]>>

/** Weights that are counted in tensors of these shapes, and their bits. */
const counted = (settings: object, shapes: Shapes) => {
  let at = 0
  const header = Object.fromEntries(
    Object.entries(shapes).map(([name, [dtype, ...shape]]) => {
      const bytes = shape.reduce((product, side) => product * side, WIDTH[dtype]!)
      const entry = { dtype, shape, data_offsets: [at, at + bytes] }
      at += bytes
      return [name, entry]
    }),
  )
  const packing = packingOf({ quantization_config: settings }, undefined)
  const tensors = countWeights(Result.getOrThrow(parseSafetensorsHeader(JSON.stringify(header), at)), packing)
  return { name: packing?.name, weights: tensors.reduce((sum, { parameters }) => sum + parameters, 0), bytes: at }
}

/** Each as its own tools write a layer of 256 inputs and 128 outputs. */
const LAYERS: ReadonlyArray<readonly [name: string, settings: object, shapes: Shapes]> = [
  [
    "awq int4",
    { quant_method: "awq", bits: 4, group_size: 128 },
    { "l.qweight": ["I32", 256, 16], "l.qzeros": ["I32", 2, 16], "l.scales": ["F16", 2, 128] },
  ],
  [
    "gptq int4",
    { quant_method: "gptq", bits: 4, group_size: 128, desc_act: true },
    { "l.qweight": ["I32", 32, 128], "l.qzeros": ["I32", 2, 16], "l.scales": ["F16", 2, 128], "l.g_idx": ["I32", 256] },
  ],
  [
    "gptq int3",
    { quant_method: "gptq", bits: 3 },
    { "l.qweight": ["I32", 24, 128], "l.qzeros": ["I32", 2, 12], "l.scales": ["F16", 2, 128] },
  ],
  [
    "compressed-tensors int4",
    {
      quant_method: "compressed-tensors",
      format: "pack-quantized",
      config_groups: { group_0: { weights: { num_bits: 4, type: "int" } } },
    },
    { "l.weight_packed": ["I32", 128, 32], "l.weight_scale": ["BF16", 128, 2], "l.weight_shape": ["I64", 2] },
  ],
  [
    "compressed-tensors nvfp4",
    {
      quant_method: "compressed-tensors",
      format: "nvfp4-pack-quantized",
      config_groups: { group_0: { weights: { num_bits: 4, type: "float" } } },
    },
    {
      "l.weight_packed": ["U8", 128, 128],
      "l.weight_scale": ["F8_E4M3", 128, 16],
      "l.weight_global_scale": ["F32", 1],
      "l.input_global_scale": ["F32", 1],
    },
  ],
  [
    "compressed-tensors mxfp4",
    {
      quant_method: "compressed-tensors",
      format: "mxfp4-pack-quantized",
      config_groups: { group_0: { weights: { num_bits: 4, type: "float" } } },
    },
    { "l.weight_packed": ["U8", 128, 128], "l.weight_scale": ["U8", 128, 8] },
  ],
  [
    "bitsandbytes nf4",
    { quant_method: "bitsandbytes", load_in_4bit: true, bnb_4bit_quant_type: "nf4" },
    {
      "l.weight": ["U8", 16_384, 1],
      "l.weight.absmax": ["U8", 512],
      "l.weight.quant_map": ["F32", 16],
      "l.weight.nested_absmax": ["F32", 2],
      "l.weight.nested_quant_map": ["F32", 256],
      "l.weight.quant_state.bitsandbytes__nf4": ["U8", 90],
    },
  ],
  [
    "bitsandbytes int8",
    { quant_method: "bitsandbytes", load_in_8bit: true },
    { "l.weight": ["I8", 128, 256], "l.SCB": ["F32", 128], "l.weight_format": ["U8"] },
  ],
  [
    "fp8",
    { quant_method: "fp8", weight_block_size: [128, 128] },
    { "l.weight": ["F8_E4M3", 128, 256], "l.weight_scale_inv": ["F32", 1, 2] },
  ],
  [
    "mxfp4",
    { quant_method: "mxfp4" },
    { "l.experts.up_proj_blocks": ["U8", 1, 128, 8, 16], "l.experts.up_proj_scales": ["U8", 1, 128, 8] },
  ],
]

describe("countWeights", () => {
  for (const [name, settings, shapes] of LAYERS)
    it(`counts what ${name} has packed, and none of what stands beside it`, () => {
      const found = counted(settings, shapes)
      assert.deepInclude(found, { name, weights: 256 * 128 })
    })

  it("counts what is not packed as it is, and integers without a packing not at all", () => {
    const norm = { "norm.weight": ["F16", 7] } satisfies Shapes
    assert.strictEqual(counted({ quant_method: "awq", bits: 4 }, norm).weights, 7)
    const plain = countWeights(
      [{ name: "l.weight", dtype: "I32", shape: [8], elements: 8, bytes: 32, isInteger: true }],
      undefined,
    )
    assert.deepStrictEqual(
      plain.map(({ parameters }) => parameters),
      [0],
    )
  })

  it("is found in the older file of GPTQ, too", () => {
    assert.deepStrictEqual(packingOf({}, { bits: 8, group_size: 128 }), { method: "gptq", bits: 8, name: "gptq int8" })
    assert.isUndefined(packingOf({}, undefined))
  })
})
