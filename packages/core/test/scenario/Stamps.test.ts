import { assert, describe, it } from "@effect/vitest"
import { Stamps } from "../../src/scenario/Stamps.ts"

describe("Stamps", () => {
  it("holds what another thread writes into the same memory, and continues where that one has moved to", () => {
    const here = Stamps.of(16, 1.5, 0)
    const there = new Stamps(here.buffer)
    assert.deepStrictEqual([here.sentMs, here.lastMs, here.count, here.endMs], [1.5, 1.5, 0, undefined])
    there.sent(2)
    for (let chunk = 0; chunk < 16; chunk++) assert.isFalse(there.chunk(3 + chunk, 1, false))
    assert.deepStrictEqual([here.sentMs, here.lastMs, here.count], [2, 18, 16])
    assert.isUndefined(here.chunkTokens)
    assert.isTrue(there.chunk(20, 4, false), "there was no more room")
    assert.strictEqual(here.count, 16)
    here.follow(there.buffer)
    there.end(21)
    assert.deepStrictEqual(here.chunkMs, [...Array.from({ length: 16 }, (_, chunk) => 3 + chunk), 20])
    assert.deepStrictEqual(here.chunkTokens, [...Array.from({ length: 16 }, () => 1), 4])
    assert.deepStrictEqual([here.sentMs, here.lastMs, here.endMs], [2, 20, 21])
  })

  it("counts thoughts up to the first chunk of the answer", () => {
    const stamps = Stamps.of(4, 0, 0)
    for (const reasoning of [true, true, false, true]) stamps.chunk(1, 1, reasoning)
    assert.strictEqual(stamps.thoughts, 2)
  })

  it("counts from the start of the trial, on the clock that all threads share", () => {
    const originNs = Number(process.hrtime.bigint()) - 5e9
    const ms = Stamps.of(1, 0, originNs).now()
    assert.isAtLeast(ms, 5000)
    assert.isBelow(ms, 65_000)
    assert.strictEqual(ms, Math.round(ms * 1e3) / 1e3)
  })
})
