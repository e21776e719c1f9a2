import { assert, describe, it } from "@effect/vitest"
import { knee } from "../../src/statistics/Knee.ts"

describe("knee", () => {
  it("is the last rung before the first that gains too little", () => {
    assert.strictEqual(knee([100, 190, 350, 360, 365]), 2)
    assert.strictEqual(knee([100, 104]), 0)
    assert.strictEqual(knee([100, 190, 180, 400]), 1, "what comes after is no longer checked")
  })

  it("is not there while every rung pays, nor below two", () => {
    for (const growing of [[], [100], [100, 105], [100, 200, 400]]) assert.isUndefined(knee(growing))
  })

  it("takes another gain", () => {
    assert.strictEqual(knee([100, 150, 225], 0.6), 0)
    assert.isUndefined(knee([100, 101, 102], 0.005))
    assert.strictEqual(knee([100, 99], 0), 0)
  })
})
