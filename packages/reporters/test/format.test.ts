import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { bytes, figure, parameters, percent, significant, utcDate, withUnit } from "../src/format.ts"

describe("significant", () => {
  it("keeps four digits, and every digit of the whole part", () => {
    assert.deepStrictEqual(
      [0, -0, 0.00012345, 0.5, 1.8073, 9.99996, 41.237, 999.96, 1749.2, 12345.678, -2.5, 1e-9, 1e21].map((value) =>
        significant(value),
      ),
      [
        "0",
        "0",
        "0.0001234",
        "0.5000",
        "1.807",
        "10.00",
        "41.24",
        "1000",
        "1749",
        "12346",
        "-2.500",
        "1.000e-9",
        "1e+21",
      ],
    )
  })

  it.prop("never shows a number as zero that is none", [Schema.Finite], ([value]) =>
    assert.strictEqual(Number(significant(value)) === 0, value === 0),
  )

  it.prop("is right to four digits", [Schema.Finite], ([value]) =>
    assert.isAtMost(Math.abs(Number(significant(value)) - value), Math.abs(value) * 0.5001e-3),
  )
})

it("shows bytes in binary units", () => {
  assert.deepStrictEqual(
    [0, 1, 1023, 1024, 852_000_000, 2 ** 30, 2 ** 50].map((count) => bytes(count)),
    ["0 B", "1 B", "1023 B", "1.000 KiB", "812.5 MiB", "1.000 GiB", "1024 TiB"],
  )
})

it("puts units into headers, but for bytes, which bring their own", () => {
  assert.deepStrictEqual([withUnit("Peak", "B"), figure(2 ** 20, "B")], ["Peak", "1.000 MiB"])
  assert.deepStrictEqual([withUnit("TTFT", "ms"), figure(2 ** 20, "ms")], ["TTFT (ms)", "1048576"])
})

it("shows shares, counts and dates", () => {
  assert.strictEqual(percent(0.0673), "6.73")
  assert.deepStrictEqual([12_000, 22_713_216, 1_100_048_384].map(parameters), [
    "12000",
    "22.71 million (22713216)",
    "1.100 billion (1100048384)",
  ])
  assert.strictEqual(utcDate("2025-10-02T23:30:00.000-02:00"), "2025-10-03")
  assert.strictEqual(utcDate("last week"), "last week")
})
