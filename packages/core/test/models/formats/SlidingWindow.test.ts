import { assert, describe, it } from "@effect/vitest"
import { slidingWindow } from "../../../src/models/formats/SlidingWindow.ts"

const gemma = { architecture: "gemma3", layers: 18, tokens: 512, pattern: undefined }

describe("slidingWindow", () => {
  it("knows Gemma 3's habit: every sixth layer sees all", () => {
    assert.deepStrictEqual(slidingWindow(gemma), {
      tokens: 512,
      layers: [0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 12, 13, 14, 15, 16],
    })
  })

  it("believes the file before the habit", () => {
    assert.deepStrictEqual(slidingWindow({ ...gemma, layers: 4, pattern: 2 })?.layers, [0, 2])
    assert.deepStrictEqual(slidingWindow({ ...gemma, layers: 3, pattern: [true, false, true] })?.layers, [0, 2])
  })

  it("takes every layer to see all where nothing says otherwise", () => {
    assert.isUndefined(slidingWindow({ ...gemma, architecture: "llama" }))
    assert.isUndefined(slidingWindow({ ...gemma, tokens: undefined }))
    assert.isUndefined(slidingWindow({ ...gemma, tokens: 0 }))
  })
})
