import { assert, describe, it } from "@effect/vitest"
import { compare, pairRecords } from "@rigbook/registry"
import { around, languageRun, value } from "../../reporters/test/fixtures.ts"
import { changeLine, compareSummary } from "../src/output/CompareSummary.ts"

/** Thirty cells of one registry, whose `slower` first ones take longer. */
const registry = (slower: number) =>
  Array.from({ length: 30 }, (_, index) =>
    languageRun({
      id: `run-${index}-${slower}`,
      cell: { config: { id: `model-${index}`, name: `Model ${index}`, path: "models/configs/model.yaml" } },
      values: [
        value("tpot", "Time per output token", "ms", around(index < slower ? 20 : 10)),
        value("ttft", "Time to first token", "ms", around(40)),
      ],
    }),
  )

const comparison = compare(pairRecords(registry(0), registry(12), { sameModel: true }))
const lines = compareSummary(comparison).split("\n")

describe("compareSummary", () => {
  it("has 20 lines at most, however much there is, and counts it all", () => {
    assert.isAtMost(lines.length, 20)
    assert.match(
      lines[0]!,
      /^30 pairs of runs, 60 figures: 0 better, 12 worse, 48 the same within 5 %, 0 inconclusive\.$/,
    )
    assert.include(lines.join("\n"), "and 5 more")
  })

  it("says decode speed, with the share that leads from one figure to the other", () => {
    assert.match(lines[2]!, /^ {2}model-\d+ · .*: decode speed 100 → 50 tokens\/s \(−50\.0 %\)$/)
  })

  it("never contradicts itself: the share has the direction of its two figures", () => {
    for (const { metrics } of comparison.records)
      for (const metric of metrics) {
        const [, from, to, sign] = /([\d.]+) → ([\d.]+) \S+ \(([−+])/.exec(changeLine(metric)) ?? []
        assert.strictEqual(Number(to) < Number(from), sign === "−", changeLine(metric))
      }
  })
})
