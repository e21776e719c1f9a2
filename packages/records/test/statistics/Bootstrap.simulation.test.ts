import { assert, it } from "@effect/vitest"
import { bootstrap } from "../../src/statistics/Bootstrap.ts"
import { meanOf, uniform } from "./meanOf.ts"

it("a bootstrap holds the mean of a distribution about as often as it says", () => {
  const rounds = 200
  const held = Array.from({ length: rounds }, (_, round) => bootstrap(meanOf(uniform(`round ${round}`, 60)))!).filter(
    ({ high, low }) => low <= 0.5 && 0.5 <= high,
  ).length
  // 190 are expected; so far off is one in a thousand.
  assert.isAtLeast(held, 178)
  assert.isAtMost(held, 199)
})
