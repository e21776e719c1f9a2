import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { memoryUnit, uncertain } from "../src/Uncertain.ts"

const shown = (median: number, low: number, high: number, unit = "docs/s"): string =>
  uncertain({ median, low, high }, unit).replaceAll("\u00a0", " ")

const [MIB, GIB] = [2 ** 20, 2 ** 30]

describe("a figure with its interval", () => {
  it.each([
    [35.1, 32.2, 40.3, "35 ± 5"],
    [97.88, 91.17, 99.65, "98 ± 7"],
    [34.91, 34.1, 35.8, "34.9 ± 0.9"],
    [661.9, 654.4, 677.5, "662 ± 16"],
    [28.02, 26.4, 29.7, "28.0 ± 1.7"],
    [3553, 3503, 3840, "3,600 ± 300"],
    [0.0412, 0.0405, 0.042, "0.0412 ± 0.0008"],
    [12.3, 11.34, 12.5, "12.3 ± 1.0"],
    [20, 18.04, 21.5, "20 ± 2"],
    [1.5, 1.5, 1.5, "1.50"],
  ])("%f (%f to %f) is %s", (median, low, high, text) => assert.strictEqual(shown(median, low, high), text))

  it("has two digits where there is no interval", () => {
    assert.strictEqual(uncertain({ median: 35.14 }, "docs/s"), "35")
    assert.strictEqual(uncertain({ median: 3553 }, "ms"), "3,600")
    assert.strictEqual(uncertain({ median: 0.412 }, "ms"), "0.41")
  })

  it("is memory in MiB or GiB, with an interval where it is wide", () => {
    assert.strictEqual(shown(189 * MIB, 188.9 * MIB, 189.2 * MIB, "B"), "189 MiB")
    assert.strictEqual(shown(189 * MIB, 150 * MIB, 220 * MIB, "B"), "190 ± 40 MiB")
    assert.strictEqual(shown(3.42 * GIB, 3.41 * GIB, 3.43 * GIB, "B"), "3.4 GiB")
  })

  it("is memory in the unit of its column", () => {
    assert.strictEqual(memoryUnit([189 * MIB, undefined, 1.99 * GIB]), "MiB")
    const unit = memoryUnit([189 * MIB, 3.42 * GIB])
    const text = (median: number, half = 0) =>
      uncertain({ median, low: median - half, high: median + half }, "B", unit).replaceAll("\u00a0", " ")
    assert.strictEqual(text(189 * MIB), "0.185 GiB")
    assert.strictEqual(text(578 * MIB, 6 * MIB), "0.564 ± 0.006 GiB")
    assert.strictEqual(text(1027 * MIB), "1.00 GiB")
    assert.strictEqual(text(3.42 * GIB), "3.4 GiB")
    assert.strictEqual(text(0), "0.0 GiB")
  })

  const Positive = Schema.Finite.check(Schema.isBetween({ minimum: 0.001, maximum: 1e6 }))
  it.prop("is rounded by no more than half of its side's last digit", [Positive, Positive], ([median, half]) => {
    const [value, side] = shown(median, median - half, median)
      .replaceAll(",", "")
      .split(" ± ")
      .map(Number)
    // One digit of 2.5 is 0.5 off, which is the most.
    assert.isAtMost(Math.abs(side! - half), 0.21 * half)
    assert.isAtMost(Math.abs(value! - median), 0.6 * half)
  })
})
