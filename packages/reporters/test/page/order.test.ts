import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { type Key, ordered } from "../../page/order.ts"

const sorted = (keys: ReadonlyArray<Key>, direction: "ascending" | "descending") =>
  ordered(keys, (key) => key, direction)

describe("ordered", () => {
  it("sorts numbers as numbers and puts missing ones last either way", () => {
    assert.deepStrictEqual(sorted([10, undefined, 9, -1], "ascending"), [-1, 9, 10, undefined])
    assert.deepStrictEqual(sorted([10, undefined, 9, -1], "descending"), [10, 9, -1, undefined])
    assert.deepStrictEqual(sorted(["b", "a", "B"], "ascending"), ["B", "a", "b"])
  })

  it.prop("keeps the order of equal rows", [Schema.Array(Schema.Literals([0, 1]))], ([keys]) => {
    const rows = keys.map((key, index) => ({ key, index }))
    const result = ordered(rows, ({ key }) => key, "descending")
    for (const [at, row] of result.entries()) {
      const before = result[at - 1]
      if (before?.key === row.key) assert.isBelow(before.index, row.index)
    }
    assert.lengthOf(result, rows.length)
  })
})
