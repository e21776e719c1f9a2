import { assert, describe, it } from "@effect/vitest"
import { CPU, DeviceId, Placement } from "@rigbook/core"
import { around, languageRun, value } from "../../reporters/test/fixtures.ts"
import { bestPlacements } from "../src/output/BestPlacement.ts"

const [A, B] = [DeviceId.make("GPU-a"), DeviceId.make("GPU-b")]
const run = (minute: number, placement: Placement, tokensPerS: number) =>
  languageRun({
    id: `${minute}`,
    startedAt: `2025-10-02T10:0${minute}:00.000Z`,
    values: [value("decode_tps_user", "Decode speed", "tokens/s", around(tokensPerS), "higher")],
    cell: { identity: `${minute}`, placement },
  })
const cpu = run(1, new Placement({ strategy: "cpu", devices: [CPU] }), 10)
const fast = run(2, new Placement({ strategy: "layer", devices: [A, B], split: [1, 1] }), 19)
const slow = run(3, new Placement({ strategy: "layer", devices: [A, B], split: [3, 1] }), 5)

describe("bestPlacements", () => {
  it("says which placement of a sweep is the fastest, and how much faster than the one on a single device", () => {
    const [line, ...others] = bestPlacements([cpu, fast, slow])
    assert.deepStrictEqual(others, [])
    assert.match(line!, /^best placement of .+ · .+: layer: GPU-a \+ GPU-b \(1:1\) \(1\.9 × cpu, better\)$/)
  })

  it("says how much slower the others are where that one is the fastest", () => {
    assert.match(bestPlacements([cpu, slow])[0]!, /: cpu \(layer: GPU-a \+ GPU-b \(3:1\) 0\.5 ×\)$/)
  })

  it("says nothing where there is no sweep", () => {
    assert.deepStrictEqual(bestPlacements([cpu]), [])
    assert.deepStrictEqual(bestPlacements([]), [])
  })
})
