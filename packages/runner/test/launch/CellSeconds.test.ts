import { assert, it } from "@effect/vitest"
import { absent, measured } from "@rigbook/core"
import { fakeCell, protocol, scenario } from "../../../testkit/src/FakeCell.ts"
import { cellSeconds } from "../../src/launch/CellSeconds.ts"
import { unitsOf } from "../../src/launch/UnitsOf.ts"
import type { PlannedCell } from "../../src/plan/PlannedCell.ts"

const cell = fakeCell({}, { protocol: protocol({ warmup: 2, trials: { min: 6, max: 8, within: 0.1 } }) })
const unknown = { absent: "no data" }
const slow = {
  decode: { value: { value: 30, low: 20, high: 40, depth: 64, formula: "as given", records: 0 } },
  prompt: absent("no data"),
  measured: absent("no data"),
}
const none = { ...slow, decode: unknown }
const given = {
  cell: { value: cell },
  scenario: scenario({ kind: "latency", prompts: "chat", requests: 2, outputTokens: 100 }),
  seconds: absent("no such cell"),
  speed: slow,
}

it("a cell takes as long as before, else as its lowest expected speed makes it, else nobody knows", () => {
  assert.strictEqual(cellSeconds({ ...given, seconds: measured(77) }), 77)
  assert.strictEqual(cellSeconds(given), (10 * 2 * 100) / 20)
  const deep = scenario({ kind: "context", depth: 1000, outputTokens: 100, requests: 1 })
  assert.strictEqual(cellSeconds({ ...given, scenario: deep }), (10 * (100 + 1000)) / 20)
  const prompt = measured(10_000)
  assert.strictEqual(cellSeconds({ ...given, scenario: deep, speed: { ...slow, prompt } }), 10 * (100 / 20 + 1))
  assert.isUndefined(cellSeconds({ ...given, speed: none }))
  assert.isUndefined(cellSeconds({ ...given, cell: unknown }))
  const natural = scenario({ kind: "latency", prompts: "chat", requests: 2, outputTokens: "natural" })
  assert.isUndefined(cellSeconds({ ...given, scenario: natural }))
})

it("a unit requests the time that its cells need, hours only where nothing is known, and never more than a host allows", () => {
  const secondsOf = (planned: object, longestSeconds?: number) =>
    unitsOf([cell], {
      startedAt: "2026-01-01T00:00:00Z",
      fresh: false,
      rounds: 1,
      planned: [{ ...given, ...planned } as unknown as PlannedCell],
      ...(longestSeconds === undefined ? {} : { longestSeconds }),
    })[0]!.shape.seconds
  const openS = cell.spec.protocol.openTimeoutMs / 1000
  assert.strictEqual(secondsOf({}), openS + 4 * 100)
  assert.strictEqual(secondsOf({ speed: none }), openS + 4 * 3600)
  assert.strictEqual(secondsOf({ speed: none }, 3000), 3000)
})
