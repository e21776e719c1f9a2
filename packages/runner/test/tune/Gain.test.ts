import { compareSamples } from "@rigbook/records"
import { assert, describe, it } from "vitest"
import { gainOf } from "../../src/tune/Gain.ts"

const decode = (...trials: ReadonlyArray<number>) => ({ trials: { decode: trials } })
const loss = (value: number) => ({ trials: {}, loss: { value, low: 0.9 * value, high: 1.1 * value } })

describe("what a step of the search brings", () => {
  it("is what compare says of the same trials", () => {
    const [a, b] = [
      [20, 20.2, 20.1, 19.9, 20.3],
      [24, 24.1, 23.9, 24.2, 24.3],
    ] as const
    const gain = gainOf(decode(...a), decode(...b), "decode")!
    const [difference] = compareSamples([{ a, b, better: "higher" }])
    assert.strictEqual(gain.word, difference!.word)
    assert.strictEqual(gain.word, "better")
    assert.strictEqual(gain.p, difference!.p)
    assert.strictEqual(gain.ratio!.estimate, 1 + difference!.change!.estimate)
    assert.closeTo(gain.ratio!.estimate, 1.2, 0.01)
    assert.strictEqual(gainOf(decode(...b), decode(...a), "decode")!.word, "worse")
  })

  it("can't be distinguished from noise by trials that are too few, however far apart they are", () => {
    assert.strictEqual(gainOf(decode(20, 21), decode(40, 41), "decode")!.word, "too few trials to tell")
    const [few, same] = [decode(20, 21, 22, 23), decode(40, 41, 42, 43)]
    assert.strictEqual(gainOf(few, same, "decode")!.word, "better")
    // The nearest of two others: each test has half of the 5 %, and four trials a side come to 2.9 % at best.
    assert.strictEqual(gainOf(few, same, "decode", 2)!.word, "too few trials to tell")
  })

  it("is ignored below 2 %, however certain", () => {
    const a = [100, 100.1, 100.2, 100.3, 100.4]
    const b = a.map((value) => value + 1)
    assert.strictEqual(gainOf(decode(...a), decode(...b), "decode")!.word, "no difference found")
  })

  it("goes by the intervals of a loss, and says nothing of a figure that one of them does not have", () => {
    assert.deepInclude(gainOf(loss(0.1), loss(0.02), "kld"), { word: "better" })
    assert.deepInclude(gainOf(loss(0.02), loss(0.1), "kld"), { word: "worse" })
    assert.deepInclude(gainOf(loss(0.1), loss(0.11), "kld"), { word: "no difference found" })
    assert.isUndefined(gainOf(loss(0.1), decode(20), "kld"))
    assert.isUndefined(gainOf(loss(0.1), decode(20), "decode"))
  })
})
