import { assert, it } from "@effect/vitest"
import { weightCount } from "../../src/model/WeightCount.ts"

it("counts weights as models are named by them", () => {
  assert.deepStrictEqual(
    [1_100_048_384, 30e9, 1.5e9, 70_553_706_496, 134_515_008, 22_713_216, 999_600_000, 1e12, 1000, 0].map(weightCount),
    ["1.10 B", "30 B", "1.5 B", "70.6 B", "135 M", "22.7 M", "1.00 B", "1000 B", "1000", "0"],
  )
})
