import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { Hostile, cellPipes } from "../hostile.ts"
import { text } from "../../src/markdown/escape.ts"
import { table } from "../../src/markdown/table.ts"

const COLUMNS = [
  { header: "name", cell: text },
  { header: "again", cell: text },
  { header: "length", align: "right", cell: (name: string) => String(name.length) },
] as const

describe("table", () => {
  it("sets figures to the right", () => {
    assert.strictEqual(
      table(COLUMNS, ["a|b\nc"]),
      String.raw`| name | again | length |
| :- | :- | -: |
| a\|b c | a\|b c | 5 |`,
    )
  })

  it("is nothing without rows", () => {
    assert.strictEqual(table(COLUMNS, []), "")
  })

  it.prop("is never broken by what is in a cell", [Schema.Array(Hostile)], ([parts]) => {
    const names = parts.map((part) => part.join(""))
    const rows = table(COLUMNS, names)
      .split(/[\r\n]/)
      .slice(2)
    assert.strictEqual(rows.length, names.length)
    for (const row of rows) assert.strictEqual(cellPipes(row), COLUMNS.length + 1)
  })
})
