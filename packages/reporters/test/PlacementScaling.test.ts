import { assert, describe, it } from "@effect/vitest"
import { CPU, DeviceId, Placement, placementName, reason, verdictOf } from "@rigbook/core"
import { placementSection } from "../src/markdown/placements.ts"
import { reportPage } from "../src/markdown/report.ts"
import { placementScaling } from "../src/PlacementScaling.ts"
import { around, embeddingRun, languageRun, value } from "./fixtures.ts"

const [A, B] = [DeviceId.make("rpc:127.0.0.1:50052"), DeviceId.make("rpc:127.0.0.1:50053")]
const cpu = new Placement({ strategy: "cpu", devices: [CPU] })
const single = new Placement({ strategy: "single", devices: [A] })
const even = new Placement({ strategy: "layer", devices: [A, B], split: [1, 1] })
const uneven = new Placement({ strategy: "layer", devices: [A, B], split: [3, 1] })

let minute = 0
const at = (placement: Placement, tokensPerS: number, changes: Parameters<typeof languageRun>[0] = {}) =>
  languageRun({
    id: `${placement.strategy}-${placement.split?.join("") ?? ""}`,
    startedAt: `2025-10-02T10:${String(10 + minute++)}:00.000Z`,
    values: [value("decode_tps_user", "Decode speed", "tokens/s", around(tokensPerS), "higher")],
    ...changes,
    cell: { identity: placementName(placement), placement, ...changes.cell },
  })

const ratios = (...records: Parameters<typeof placementScaling>[0]) =>
  placementScaling(records).map(({ points }) =>
    points.map(({ compared, record }) => [placementName(record.cell.placement), compared?.ratio.toFixed(2)]),
  )

describe("placementScaling", () => {
  it("compares with the first placement on a single device, in the order of the sweep", () => {
    const sweep = [at(even, 150), at(single, 100), at(uneven, 180), at(cpu, 50)]
    assert.deepStrictEqual(ratios(...sweep), [
      [
        [placementName(even), "1.50"],
        [placementName(single), "1.00"],
        [placementName(uneven), "1.80"],
        ["cpu", "0.50"],
      ],
    ])
    const [group] = placementScaling(sweep)
    assert.strictEqual(group!.best.record.cell.placement, uneven)
  })

  it("compares splits with each other where there is no single device", () => {
    assert.deepStrictEqual(ratios(at(even, 100), at(uneven, 90)), [
      [
        [placementName(even), "1.00"],
        [placementName(uneven), "0.90"],
      ],
    ])
  })

  it("holds copies on the processor against the processor alone", () => {
    const twice = new Placement({ strategy: "replicas", devices: [CPU], degree: 2 })
    const [group] = placementScaling([at(twice, 150), at(cpu, 100)])
    assert.strictEqual(group!.base.cell.placement, cpu)
    assert.strictEqual(group!.best.compared?.ratio, 1.5)
  })

  it("leaves invalid runs uncompared, and needs two figures", () => {
    const invalid = { verdict: verdictOf([reason("placement-mismatch", "all is on cpu")]) }
    assert.deepStrictEqual(ratios(at(single, 100), at(even, 900, invalid)), [])
    const [group] = placementScaling([at(single, 100), at(even, 900, invalid), at(cpu, 90)])
    assert.strictEqual(group!.best.record.cell.placement, single)
    assert.deepStrictEqual(ratios(at(single, 100), embeddingRun()), [])
  })

  it("never compares what differs in more than the placement", () => {
    const scenario = { kind: "latency", prompts: "short-chat", requests: 2, outputTokens: 8 } as const
    assert.deepStrictEqual(ratios(at(single, 100), at(cpu, 90, { cell: { scenario } })), [])
  })

  it("names the best, and by how much, in the registry's entry and in a report", () => {
    const sweep = [at(single, 100), at(uneven, 180)]
    assert.include(reportPage(sweep), "## Placements compared")
    assert.include(reportPage(sweep), "(3:1)**, 1.80 ×")
    assert.notInclude(reportPage(sweep.slice(1)), "Placements compared")
    const text = placementSection(placementScaling([at(single, 100), at(uneven, 180)]), "models", "###")
    assert.include(text, "Best by median: **layer: rpc:127.0.0.1:50052 + rpc:127.0.0.1:50053 (3:1)**, 1.80 ×")
    assert.include(text, "(better).")
    assert.include(
      placementSection(placementScaling([at(single, 100), at(cpu, 50)]), "models", "###"),
      "which the others are relative to",
    )
    assert.strictEqual(placementSection([], "models", "###"), "")
  })
})
