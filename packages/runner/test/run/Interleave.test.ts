import { assert, describe, it } from "@effect/vitest"
import { scenario } from "../../../testkit/src/FakeCell.ts"
import { interleaved } from "../../src/run/Interleave.ts"

const cell = (name: string, requests: number) => ({
  name,
  spec: { scenario: scenario({ kind: "latency", prompts: "fake-prompts", requests, outputTokens: 4 }) },
})
const names = (cells: ReadonlyArray<{ readonly name: string }>) => cells.map(({ name }) => name)

describe("interleaved", () => {
  it("lets what is compared take turns, in the order of the config", () => {
    const cells = [cell("A1", 1), cell("A2", 2), cell("B1", 1), cell("B2", 2), cell("C1", 1)]
    assert.deepStrictEqual(names(interleaved(cells)), ["A1", "B1", "C1", "A2", "B2"])
  })

  it("leaves cells of one engine as they are", () => {
    const cells = [cell("A1", 1), cell("B1", 1), cell("A2", 2)]
    assert.deepStrictEqual(names(interleaved(cells)), ["A1", "B1", "A2"])
    assert.deepStrictEqual(interleaved([]), [])
  })
})
