import { CPU, Effective, estimatesOf, expectedSeconds, Placement } from "@rigbook/core"
import { assert, describe, it } from "@effect/vitest"
import { estimatesTable } from "../../src/markdown/estimates.ts"
import { languageRun } from "../fixtures.ts"

const MIB = 2 ** 20
const part = { basis: "formula", formula: "given by the test" } as const
const onProcessor = languageRun({
  cell: { placement: new Placement({ strategy: "cpu", devices: [CPU] }) },
  requested: {
    devices: ["cpu"],
    settings: {},
    demand: [
      {
        device: CPU,
        parts: [
          { ...part, name: "embedding", bytes: 60 * MIB, basis: "exact", buffer: "model" },
          { ...part, name: "weights", bytes: 40 * MIB, basis: "exact", buffer: "model" },
          { ...part, name: "KV cache", bytes: 33 * MIB, buffer: "KV" },
          { ...part, name: "compute", bytes: 10 * MIB, buffer: "compute" },
          { ...part, name: "runtime overhead", bytes: 57 * MIB, basis: "heuristic" },
        ],
      },
    ],
  },
  effective: new Effective({
    devices: [CPU],
    settings: {},
    buffers: [
      { device: "cpu", kind: "model", bytes: 100 * MIB },
      { device: "cpu", kind: "KV", bytes: 30 * MIB },
    ],
  }),
  observed: { peakRssBytes: { value: 160 * MIB } },
})

describe("estimatesTable", () => {
  it("puts each estimate beside what the engine holds, and the sum beside what was seen", () => {
    const rows = estimatesTable(onProcessor).split("\n").slice(2)
    const cells = rows.map((row) =>
      row
        .split("|")
        .slice(2, -1)
        .map((cell) => cell.trim()),
    )
    assert.deepStrictEqual(cells, [
      ["embedding + weights", "100.0 MiB", "100.0 MiB", "+0.0 %", "exact"],
      ["KV cache", "33.00 MiB", "30.00 MiB", "+10.0 %", "formula"],
      ["compute", "10.00 MiB", "not told by the engine", "–", "formula"],
      ["runtime overhead", "57.00 MiB", "in none of its buffers", "–", "heuristic"],
      ["all, by resident memory", "200.0 MiB", "160.0 MiB", "+25.0 %", "heuristic"],
    ])
  })

  it("is empty for a record without estimates", () => {
    assert.strictEqual(estimatesTable(languageRun()), "")
    assert.deepStrictEqual(estimatesOf(languageRun()), [])
  })
})

describe("expectedSeconds", () => {
  const { cell } = onProcessor
  const planned = { ...cell, config: cell.config.id }

  it("is the time of like cells, by the trials that are planned", () => {
    // Two minutes for 13 trials.
    const protocol = { ...cell.protocol, warmup: 0, trials: 26 }
    assert.deepStrictEqual(expectedSeconds([onProcessor], { ...planned, protocol }), { value: 240 })
  })

  it("is unknown where no like cell was measured", () => {
    const elsewhere = languageRun()
    for (const records of [[], [elsewhere]])
      assert.deepStrictEqual(expectedSeconds(records, planned), {
        absent: "such a cell was not measured on this host yet",
      })
    assert.deepStrictEqual(expectedSeconds([onProcessor], { ...planned, placement: undefined }), {
      absent: "no placement is possible",
    })
  })
})
