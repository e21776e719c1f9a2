import { assert, describe, it } from "@effect/vitest"
import { recordsNamed, severalText } from "../src/handlers/FindRecord.ts"

const records = ["20261101-small-q4", "20261102-small-q8", "20261103-small"].map((id) => ({ id }))
const ids = (text: string) => recordsNamed(records, text).map(({ id }) => id)

describe("recordsNamed", () => {
  it("is the record of that id, though others contain it", () => {
    assert.deepStrictEqual(
      recordsNamed([...records, { id: "small" }], "small").map(({ id }) => id),
      ["small"],
    )
  })

  it("is the only record that contains it, all of several, or none", () => {
    assert.deepStrictEqual(ids("q8"), ["20261102-small-q8"])
    assert.lengthOf(ids("small"), 3)
    assert.lengthOf(ids("large"), 0)
  })
})

describe("severalText", () => {
  it("lists what the text could mean, the newest first", () => {
    assert.deepStrictEqual(severalText("small", records).split("\n").slice(1), [
      "  20261103-small",
      "  20261102-small-q8",
      "  20261101-small-q4",
    ])
  })

  it("says how many more there are", () => {
    const many = Array.from({ length: 20 }, (_, index) => ({ id: `small-${index}` }))
    assert.match(severalText("small", many), /and 8 more: rigbook runs$/)
  })
})
