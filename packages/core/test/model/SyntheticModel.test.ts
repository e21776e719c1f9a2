import { assert, describe, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import { SyntheticModel } from "../../src/model/SyntheticModel.ts"
import { llama8b, miniLm } from "../models/synthetic/shapes.ts"

const refused = Schema.decodeUnknownResult(SyntheticModel)
const said = (model: unknown): string => {
  const decoded = refused(model)
  return Result.isFailure(decoded) ? decoded.failure.message : ""
}

describe("the sizes of a synthetic model", () => {
  it("have upper limits, alone and together", () => {
    for (const [key, most] of Object.entries({
      layers: 1024,
      hiddenSize: 2 ** 20,
      feedForward: 2 ** 20,
      heads: 4096,
      kvHeads: 4096,
      vocabulary: 1_000_000,
      contextLength: 2 ** 24,
    }))
      for (const model of [llama8b, miniLm])
        for (const size of [most + 1, 10 ** 9 + 7, Number.MAX_SAFE_INTEGER])
          assert.include(said({ ...model, [key]: size }), `less than or equal to ${most}`, `${key} ${size}`)
    assert.strictEqual(said(llama8b), "")
    assert.strictEqual(said({ ...llama8b, layers: 1024, vocabulary: 1_000_000, contextLength: 2 ** 24 }), "")
    assert.include(
      said({ ...llama8b, layers: 1024, hiddenSize: 2 ** 20, feedForward: 2 ** 20 }),
      "fewer than 10^13 weights",
    )
  })
})
