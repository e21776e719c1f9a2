import { assert, describe, it } from "@effect/vitest"
import { estimatesOf } from "@rigbook/records"
import { estimatesTable } from "../../src/markdown/estimates.ts"
import { estimatedRun } from "../estimatedRun.ts"
import { languageRun } from "../fixtures.ts"

describe("estimatesTable", () => {
  it("puts each estimate beside what the engine holds, and the sum beside what was observed", () => {
    const rows = estimatesTable(estimatedRun).split("\n").slice(2)
    const cells = rows.map((row) =>
      row
        .split("|")
        .slice(2, -1)
        .map((cell) => cell.trim()),
    )
    assert.deepStrictEqual(cells, [
      ["embedding + weights", "100.0 MiB", "100.0 MiB", "+0.0 %", "exact"],
      ["KV cache", "33.00 MiB", "30.00 MiB", "+10.0 %", "formula"],
      ["compute", "10.00 MiB", "not reported by the engine", "–", "formula"],
      ["runtime overhead", "57.00 MiB", "in none of its buffers", "–", "heuristic"],
      ["all, by resident memory", "200.0 MiB", "160.0 MiB", "+25.0 %", "heuristic"],
    ])
  })

  it("is empty for a record without estimates", () => {
    assert.strictEqual(estimatesTable(languageRun()), "")
    assert.deepStrictEqual(estimatesOf(languageRun()), [])
  })
})
