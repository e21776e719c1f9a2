import { assert, it } from "@effect/vitest"
import { fakeCell } from "../../../testkit/src/FakeCell.ts"
import { unitsOf } from "../../src/launch/UnitsOf.ts"
import type { ExpectedTime } from "../../src/plan/ExpectedTime.ts"
import type { Known } from "../../src/plan/Known.ts"
import type { PlannedCell } from "../../src/plan/PlannedCell.ts"

it("a unit requests the time that its cells need at most, hours only where nothing is known, and never more than a host allows", () => {
  const cell = fakeCell()
  const secondsOf = (time: Known<ExpectedTime>, longestSeconds?: number) =>
    unitsOf([cell], {
      startedAt: "2026-01-01T00:00:00Z",
      fresh: false,
      rounds: 1,
      planned: [{ cell: { value: cell }, time } as unknown as PlannedCell],
      ...(longestSeconds === undefined ? {} : { longestSeconds }),
    })[0]!.shape.seconds
  const openS = cell.spec.protocol.openTimeoutMs / 1000
  const time: ExpectedTime = { value: 60, low: 20, high: 100, basis: "work", records: 0, formula: "given by the test" }
  assert.strictEqual(secondsOf({ value: time }), openS + 4 * 100)
  assert.strictEqual(secondsOf({ absent: "no data" }), openS + 4 * 3600)
  assert.strictEqual(secondsOf({ absent: "no data" }, 3000), 3000)
})
